// When the traffic that a quota counts begins to count anew. Pure functions; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "db/proxies.h"

namespace airlane {

struct Period {
  WallSeconds begin;
  WallSeconds end;  // Not in it.

  bool operator==(const Period&) const = default;
};

// "UTC", or how far ahead of it a clock on the wall is: "+01:00", "-05:30", to "+14:00".
std::optional<std::chrono::minutes> zone_offset(std::string_view zone);

// The day or month of the quota that `time` is in, by the clock of its zone.
Period period_of(const QuotaRecord& quota, WallSeconds time);

}  // namespace airlane
