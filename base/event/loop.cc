#include "base/event/loop.h"

#include <sys/eventfd.h>

#include <new>
#include <system_error>
#include <utility>

namespace airlane {

Loop::Loop() : base_(event_base_new()), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!base_) throw std::bad_alloc();
  if (!wake_) throw std::system_error(errno, std::system_category(), "eventfd");
  woken_.reset(event_new(base_.get(), wake_.get(), EV_READ | EV_PERSIST, run_posted, this));
  if (!woken_) throw std::bad_alloc();
}

Loop::~Loop() = default;

void Loop::run() { event_base_dispatch(base_.get()); }

void Loop::run_forever() {
  event_add(woken_.get(), nullptr);
  event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY);
}

void Loop::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first) eventfd_write(wake_.get(), 1);
}

void Loop::drop_posted() {
  std::vector<Task> tasks;  // Destroyed outside of the lock: they may own whatever they like.
  const std::lock_guard lock(mutex_);
  tasks.swap(posted_);
}

void Loop::run_posted(evutil_socket_t fd, short, void* self) noexcept {
  auto& loop = *static_cast<Loop*>(self);
  eventfd_t count = 0;
  eventfd_read(fd, &count);
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(loop.mutex_);
    tasks.swap(loop.posted_);
  }
  for (auto& task : tasks) task();
}

}  // namespace airlane
