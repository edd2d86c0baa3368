// No more than one accepted call per proxy in a while. Remembers a call only as long as it matters.
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "base/clock.h"

namespace airlane::api {

class Throttle {
 public:
  explicit Throttle(std::chrono::milliseconds interval) : interval_(interval) {}

  // How long the next call has to wait; zero when it may come now.
  [[nodiscard]] Monotonic::duration wait(std::int64_t proxy, Monotonic::time_point now) const;
  void accept(std::int64_t proxy, Monotonic::time_point now);

 private:
  const std::chrono::milliseconds interval_;
  std::unordered_map<std::int64_t, Monotonic::time_point> accepted_;
};

}  // namespace airlane::api
