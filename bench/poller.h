// The bench's own event loop: epoll, edge-triggered, each descriptor registered once for both
// directions. It is not base/event, because the yardsticks must not share what they measure.
// One thread; owns only the handlers that are buried in it.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace airlane::bench {

class Handler {
 public:
  virtual ~Handler() = default;
  // `events` of epoll; 0 when it was called because of again(). May come once too often: for a
  // descriptor that was closed a moment ago.
  virtual void ready(std::uint32_t events) = 0;

 private:
  friend class Poller;
  bool queued_ = false;
};

inline constexpr std::uint32_t kReadable = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
inline constexpr std::uint32_t kHangup = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

class Poller {
 public:
  Poller();

  void add(int fd, Handler& handler);
  // For a handler that stopped for fairness, not because of EAGAIN: no edge will come for it.
  void again(Handler& handler);
  void forget(Handler& handler);  // Undoes again(), for one that is about to be destroyed.
  // Destroys it when no event of this round can name it any more.
  void bury(std::unique_ptr<Handler> handler);

  // One round: waits for events until `deadline`, and serves them.
  void poll(Monotonic::time_point deadline);
  void run_until(Monotonic::time_point end) {
    while (Monotonic::now() < end) poll(end);
  }
  template <class Question>
  bool run_while(Question question, Monotonic::time_point end) {
    while (question()) {
      if (Monotonic::now() >= end) return false;
      poll(end);
    }
    return true;
  }

 private:
  UniqueFd epoll_;
  std::array<epoll_event, 256> events_{};
  std::vector<Handler*> again_, now_;
  std::vector<std::unique_ptr<Handler>> buried_;
};

}  // namespace airlane::bench
