// How many bytes a proxy moved, and when. Written by db/fold.h only; outlives the proxy. Functions
// on the database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct Traffic {
  std::uint64_t incoming = 0;
  std::uint64_t outgoing = 0;

  bool operator==(const Traffic&) const = default;
};

namespace traffic {

// What was folded for `proxy` in [from, till): exact over whole minutes, in proportion to its
// seconds inside the first and the last one. Neighbouring spans add up to the byte.
//
// The minute of `now` is not over: its bytes are spread over its seconds so far, and a span that
// reaches `now` has all of them.
Outcome<Traffic> sum(Database& database, std::int64_t proxy, WallSeconds from, WallSeconds till,
                     WallSeconds now);

// The beginning of the first minute in which the proxy moved anything.
Outcome<std::optional<WallSeconds>> first_minute(Database& database, std::int64_t proxy);

}  // namespace traffic
}  // namespace airlane
