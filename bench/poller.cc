#include "bench/poller.h"

#include <algorithm>
#include <cerrno>

#include "bench/net.h"

namespace airlane::bench {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) die_of_errno("epoll_create1");
}

void Poller::add(int fd, Handler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) die_of_errno("epoll_ctl");
}

void Poller::again(Handler& handler) {
  if (handler.queued_) return;
  handler.queued_ = true;
  again_.push_back(&handler);
}

void Poller::forget(Handler& handler) {
  if (handler.queued_) std::erase(again_, &handler);
}

void Poller::bury(std::unique_ptr<Handler> handler) {
  forget(*handler);
  buried_.push_back(std::move(handler));
}

void Poller::poll(Monotonic::time_point deadline) {
  int limit = 0;
  if (again_.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Monotonic::now());
    limit = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000));
  }
  const int n = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), limit);
  if (n < 0 && errno != EINTR) die_of_errno("epoll_wait");
  now_.swap(again_);
  for (int i = 0; i < n; ++i) {
    const auto& event = events_[static_cast<std::size_t>(i)];
    static_cast<Handler*>(event.data.ptr)->ready(event.events);
  }
  for (auto* handler : now_) {
    handler->queued_ = false;
    handler->ready(0);
  }
  now_.clear();
  buried_.clear();
}

}  // namespace airlane::bench
