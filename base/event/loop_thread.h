// A thread that runs one loop. Built stopped; `start` begins it, destruction stops and joins it.
//
// What lives on the loop must be made before start() or by a posted task, and be destroyed after
// stop() returned or by a posted task.
#pragma once

#include <string>
#include <thread>

#include "base/event/loop.h"

namespace airlane {

class LoopThread {
 public:
  explicit LoopThread(std::string name) : name_(std::move(name)) {}  // At most 15 bytes show in ps.
  LoopThread(LoopThread&&) = delete;
  ~LoopThread() { stop(); }

  void start();
  // Runs what was posted before the call, then ends the thread. Idempotent; not from the thread.
  void stop();

  Loop& loop() noexcept { return loop_; }
  void post(Loop::Task task) { loop_.post(std::move(task)); }

 private:
  std::string name_;
  Loop loop_;
  std::thread thread_;
};

}  // namespace airlane
