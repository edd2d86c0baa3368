// A thread that runs one reactor. Built stopped; `start` begins it, destruction stops and joins it.
//
// What lives on the reactor must be made before start() or by a posted task, and be destroyed after
// stop() returned or by a posted task.
#pragma once

#include <string>
#include <thread>

#include "base/event/reactor.h"

namespace airlane {

class ReactorThread {
 public:
  explicit ReactorThread(std::string name) : name_(std::move(name)) {}  // 15 bytes show in ps.
  ReactorThread(ReactorThread&&) = delete;
  ~ReactorThread() { stop(); }

  void start();
  // Runs what was posted before the call, then ends the thread. Idempotent; not from the thread.
  void stop();
  Reactor& reactor() noexcept { return reactor_; }
  void post(Reactor::Task task) { reactor_.post(std::move(task)); }

 private:
  std::string name_;
  Reactor reactor_;
  std::thread thread_;
};

}  // namespace airlane
