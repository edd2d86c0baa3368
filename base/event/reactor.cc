#include "base/event/reactor.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/event/alarm.h"
#include "base/event/watch.h"

namespace airlane {
namespace {

[[noreturn]] void give_up(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

constexpr std::uint32_t epoll_events(Watch::For what) {
  switch (what) {
    case Watch::For::kChanges:
      return EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    case Watch::For::kReading:
      return EPOLLIN;
    case Watch::For::kWriting:
      return EPOLLOUT;
    case Watch::For::kBoth:
      return EPOLLIN | EPOLLOUT;
  }
  return 0;
}

}  // namespace

Readiness Readiness::of_epoll(std::uint32_t events) noexcept {
  Readiness ready;
  if ((events & EPOLLIN) != 0) ready.set(kReadable);
  if ((events & EPOLLOUT) != 0) ready.set(kWritable);
  if ((events & EPOLLRDHUP) != 0) ready.set(kReadable | kEnded);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) ready.set(kReadable | kWritable | kEnded | kFailed);
  return ready;
}

Reactor::Reactor()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!epoll_) give_up("epoll");
  if (!wake_) give_up("eventfd");
  epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};  // No Watch has this address.
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) give_up("epoll");
}

Reactor::~Reactor() = default;

void Reactor::run() {
  stopped_ = false;
  now_ = Monotonic::now();
  while (!stopped_) {
    const int count = wait();
    now_ = Monotonic::now();
    call_watches(count);
    call_alarms();
    call_deferred();
  }
}

int Reactor::wait() {
  const int room = static_cast<int>(events_.size());
  if (!deferred_.empty()) return epoll_wait(epoll_.get(), events_.data(), room, 0);
  if (spin_.count() > 0) {
    const auto end = Monotonic::now() + spin_;
    do {
      const int count = epoll_wait(epoll_.get(), events_.data(), room, 0);
      if (count != 0) return count;
    } while (Monotonic::now() < end);
  }
  if (heap_.empty()) return epoll_wait(epoll_.get(), events_.data(), room, -1);
  const auto timeout = until_next_alarm();
  return epoll_pwait2(epoll_.get(), events_.data(), room, &timeout, nullptr);
}

timespec Reactor::until_next_alarm() const noexcept {
  const auto left = std::max(heap_.front().when - Monotonic::now(), Monotonic::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>((left - seconds).count())};
}

void Reactor::call_watches(int count) {
  event_count_ = count;  // -1 after a signal: nothing to do.
  for (event_ = 0; event_ < event_count_; ++event_) {
    const auto event = events_[static_cast<std::size_t>(event_)];
    if (event.data.ptr == this) {
      run_posted(event.events);
    } else if (event.data.ptr != nullptr) {
      static_cast<Watch*>(event.data.ptr)->on_ready_(Readiness::of_epoll(event.events));
    }
  }
  event_count_ = 0;
}

void Reactor::forget_events_of(const Watch* watch) noexcept {
  for (int i = event_ + 1; i < event_count_; ++i) {
    auto& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == watch) event.data.ptr = nullptr;
  }
}

void Reactor::call_deferred() {
  if (deferred_.empty()) return;
  deferred_before_.swap(deferred_);
  for (const auto& work : deferred_before_) work();
  deferred_before_.clear();
}

void Reactor::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first) eventfd_write(wake_.get(), 1);
}

void Reactor::run_posted(std::uint32_t) {
  eventfd_t count = 0;
  eventfd_read(wake_.get(), &count);
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) task();
}

Status Watch::add(int fd, For what) {
  epoll_event event{.events = epoll_events(what), .data = {.ptr = this}};
  if (epoll_ctl(reactor_.epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return Error{Errc::kSystem, "watch", errno};
  }
  fd_ = fd;
  return Done{};
}

void Watch::change(For what) noexcept {
  epoll_event event{.events = epoll_events(what), .data = {.ptr = this}};
  epoll_ctl(reactor_.epoll_.get(), EPOLL_CTL_MOD, fd_, &event);
}

void Watch::remove() noexcept {
  if (fd_ < 0) return;
  epoll_ctl(reactor_.epoll_.get(), EPOLL_CTL_DEL, fd_, nullptr);
  closing();
}

void Watch::closing() noexcept {
  if (fd_ < 0) return;
  reactor_.forget_events_of(this);
  fd_ = -1;
}

}  // namespace airlane
