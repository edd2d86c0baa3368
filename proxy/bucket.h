// A rate that many take part in: a token bucket in one word, without a lock.
//
// The word is the time up to which the rate is given away (GCRA, ITU-T I.371). Who wants bytes adds
// their duration to it and learns when they are due; what was not used is subtracted again. A
// bucket that nobody used is full, which is `depth` worth of its rate, and never fuller.
//
// Because every reservation stands behind all earlier ones, takers that have one reservation of one
// size at a time are served in turn, whichever thread they are on: fairness needs no queue.
//
// The rate is the caller's, so it may change at any time. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace airlane {

class Bucket {
 public:
  using Time = Monotonic::time_point;

  explicit Bucket(std::chrono::nanoseconds depth) noexcept : depth_(depth) {}
  Bucket(Bucket&&) = delete;

  // When the `amount`, behind everything that was reserved before, may be used.
  Time reserve(Time now, std::uint64_t amount, std::uint64_t per_second) noexcept;
  // Whether it may be used now; takes it only then.
  bool take(Time now, std::uint64_t amount, std::uint64_t per_second) noexcept;
  // Of what was reserved or taken, at the rate of that time.
  void give_back(std::uint64_t amount, std::uint64_t per_second) noexcept;

 private:
  const std::chrono::nanoseconds depth_;
  std::atomic<std::int64_t> given_until_{0};  // Of Monotonic, in nanoseconds.
};

}  // namespace airlane
