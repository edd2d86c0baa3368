#include "base/thread.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace airlane {

std::thread start_thread(const std::string& name, std::function<void()> body) {
  // Blocked before the thread inherits the mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
  return thread;
}

}  // namespace airlane
