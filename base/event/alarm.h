// A time-out on a Reactor: one shot, restarted or cancelled at will, cancelled by destruction.
//
// Made for deadlines that nearly always move on: to start it again for a later time costs a store;
// the heap is corrected when the earlier time comes.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/callback.h"
#include "base/clock.h"
#include "base/event/reactor.h"

namespace airlane {

class Alarm {
 public:
  Alarm(Reactor& reactor, Callback<void()> on_time) : reactor_(reactor), on_time_(on_time) {}
  Alarm(Alarm&&) = delete;  // The reactor keeps `this`.
  ~Alarm();

  // From the beginning of this turn on; never called inside this call, nor in this round of alarms.
  void start(std::chrono::nanoseconds delay);
  void cancel() noexcept { due_ = kNever; }
  [[nodiscard]] bool running() const noexcept { return due_ != kNever; }

 private:
  friend class Reactor;
  static constexpr auto kNever = Monotonic::time_point::max();
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  Reactor& reactor_;
  Callback<void()> on_time_;
  Monotonic::time_point due_ = kNever;
  std::uint32_t index_ = kNowhere;  // In the reactor's heap.
};

}  // namespace airlane
