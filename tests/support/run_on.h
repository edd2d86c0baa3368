// Something done on the thread of a loop, and what came of it.
#pragma once

#include <future>

#include "base/event/loop_thread.h"

namespace airlane::test {

// Waits until it has run there.
template <class Task>
auto run_on(LoopThread& thread, Task task) {
  std::packaged_task<decltype(task())()> packaged(task);
  auto done = packaged.get_future();
  thread.post([&packaged] { packaged(); });
  return done.get();
}

}  // namespace airlane::test
