#include "base/event/reactor_thread.h"

#include "base/thread.h"

namespace airlane {

void ReactorThread::start() {
  thread_ = start_thread(name_, [this] { reactor_.run(); });
}

void ReactorThread::stop() {
  if (!thread_.joinable()) return;
  reactor_.post([this] { reactor_.stop(); });
  thread_.join();
}

}  // namespace airlane
