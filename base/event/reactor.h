// The event loop of a thread that moves proxied bytes: epoll(7) itself, without a library between.
//
// libevent (loop.h) serves everything that decides; it costs a data path three
// things: it hides whether a peer has ended its stream, so that every short
// read must be followed by another that finds nothing; it unregisters each descriptor with a system
// call before it is closed; and its three events take half of what an idle tunnel may weigh.
//
// A turn: wait; call whom epoll named; call the alarms that are due; call what was deferred.
// Watches and alarms may be made, changed and destroyed by any callback, their own included; a
// Watch that was destroyed is not called any more, not even by an event of the same turn.
//
// Everything belongs to the reactor's thread, except post().
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "base/callback.h"
#include "base/clock.h"
#include "base/unique_fd.h"

namespace airlane {

class Alarm;
class Watch;

class Reactor {
 public:
  using Task = std::function<void()>;

  Reactor();  // Throws std::system_error when the process has no descriptor left.
  Reactor(Reactor&&) = delete;
  ~Reactor();  // Tasks that were posted and did not run are dropped.

  void run();  // Until stop().
  void stop() noexcept { stopped_ = true; }

  // From any thread: `task` runs in one of the next turns, in the order of posting.
  void post(Task task);
  // Runs at the end of this turn. What is deferred by deferred work belongs to the next turn, which
  // then does not wait.
  void defer(Callback<void()> work) { deferred_.push_back(work); }

  // When this turn began: good enough for deadlines, and free.
  [[nodiscard]] Monotonic::time_point now() const noexcept { return now_; }
  // How long to look for events before going to sleep. Costs a core; off by default.
  void set_busy_poll(std::chrono::microseconds spin) noexcept { spin_ = spin; }

 private:
  friend class Alarm;
  friend class Watch;
  struct Due {
    Monotonic::time_point when;  // Not later than the alarm's own idea; see Alarm::start.
    Alarm* alarm;
  };

  int wait();
  [[nodiscard]] timespec until_next_alarm() const noexcept;
  void call_watches(int count);
  void call_alarms();
  void call_deferred();
  void run_posted(std::uint32_t);
  void forget_events_of(const Watch* watch) noexcept;

  // A binary heap, each alarm knowing its place.
  void place(std::size_t index, Due due) noexcept;
  void move_up(std::size_t index, Due due) noexcept;
  void move_down(std::size_t index, Due due) noexcept;
  void take_out(std::size_t index) noexcept;

  UniqueFd epoll_;
  UniqueFd wake_;  // eventfd: written by post().
  bool stopped_ = false;
  std::chrono::microseconds spin_{0};
  Monotonic::time_point now_ = Monotonic::now();
  std::array<epoll_event, 512> events_;  // Few at a time would starve connections.
  int event_ = 0;                        // The one at work, and how many there are.
  int event_count_ = 0;
  std::vector<Due> heap_;
  std::vector<Callback<void()>> deferred_;
  std::vector<Callback<void()>> deferred_before_;
  std::mutex mutex_;  // Guards posted_ only; never held while a task runs.
  std::vector<Task> posted_;
};

}  // namespace airlane
