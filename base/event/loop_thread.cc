#include "base/event/loop_thread.h"

#include <pthread.h>

#include <csignal>

namespace airlane {

void LoopThread::start() {
  // Signals belong to the main thread's loop: block them before the thread inherits the mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { loop_.run_forever(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), name_.substr(0, 15).c_str());
}

void LoopThread::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

}  // namespace airlane
