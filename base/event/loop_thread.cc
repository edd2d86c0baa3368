#include "base/event/loop_thread.h"

#include "base/thread.h"

namespace airlane {

void LoopThread::start() {
  thread_ = start_thread(name_, [this] { loop_.run_forever(); });
}

void LoopThread::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

}  // namespace airlane
