// The event loop of one thread. Everything bound to a Loop lives and dies on that thread; the one
// exception is `post`, which is how threads meet.
#pragma once

#include <event2/event.h>

#include <functional>
#include <mutex>
#include <vector>

#include "base/handle.h"
#include "base/unique_fd.h"

namespace airlane {

class Loop {
 public:
  using Task = std::function<void()>;

  Loop();
  Loop(Loop&&) = delete;
  ~Loop();

  // Runs until stop() or, without `forever`, until no registration is left.
  void run();
  void run_forever();
  void stop() noexcept { event_base_loopbreak(base_.get()); }

  // From any thread: `task` runs on the loop's thread, in the order of posting, never inside the
  // call. Tasks that are still queued when the loop is destroyed are dropped, not run.
  void post(Task task);
  // Drops what is queued, for an owner of the loop who has ended everyone that its tasks belong to.
  // On the loop's thread.
  void drop_posted();

  [[nodiscard]] event_base* get() const noexcept { return base_.get(); }

 private:
  static void run_posted(evutil_socket_t, short, void* self) noexcept;

  Handle<event_base, event_base_free> base_;
  UniqueFd wake_;  // eventfd: written by post(), read here.
  Handle<event, event_free> woken_;
  std::mutex mutex_;  // Guards posted_ only; never held while a task runs.
  std::vector<Task> posted_;
};

}  // namespace airlane
