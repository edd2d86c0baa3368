// When the traffic that a quota counts begins to count anew. Pure functions; any thread.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "db/proxies.h"

namespace airlane {

struct Period {
  WallSeconds begin;
  WallSeconds end;  // Not in it.

  bool operator==(const Period&) const = default;
};

// "UTC", how far ahead of it a clock on the wall is ("+01:00", "-05:30", to "+14:00"), or an IANA
// name ("Europe/Rome") that this machine's tzdata has: the first question about a name reads it.
bool is_zone(std::string_view zone);

// The day or month of the quota that `time` is in, by the clock of its zone. Where that is changed
// a day has 23 or 25 hours, and begins when the clock shows its midnight first, or would have. A
// zone that tzdata has no longer is UTC.
Period period_of(const QuotaRecord& quota, WallSeconds time);

}  // namespace airlane
