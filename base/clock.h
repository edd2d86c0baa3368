// The two clocks. Deadlines and intervals use Monotonic, which no administrator can turn; what a
// person or another machine reads (rental windows, traffic minutes) uses Wall, in UTC.
#pragma once

#include <chrono>
#include <cstdint>

namespace airlane {

using Monotonic = std::chrono::steady_clock;
using Wall = std::chrono::system_clock;
using WallSeconds = std::chrono::sys_seconds;

inline WallSeconds wall_now() { return std::chrono::floor<std::chrono::seconds>(Wall::now()); }

inline std::int64_t unix_seconds(WallSeconds time) { return time.time_since_epoch().count(); }
inline WallSeconds from_unix(std::int64_t seconds) {
  return WallSeconds(std::chrono::seconds(seconds));
}

}  // namespace airlane
