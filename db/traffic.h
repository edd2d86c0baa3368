// How many bytes a proxy moved, and when. Outlives the proxy. Functions on the database's thread;
// failures of the disk are those of db/failure.h.
//
//   traffic_recent    minutes of the hour that runs          written by db/fold.h
//   traffic_hours     hours                                  from here on by db/aging.h
//   traffic_minutes   how an hour's bytes lie in its minutes; goes after a while
//   traffic_days      days, in the place of old hours
//
// Every byte is in one of recent, hours and days, and what a report says is the sum over the three.
// The bytes of an hour that its minutes do not tell of lie evenly in it, those of a day likewise.
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

  // Stops at 2^63 - 1, the most that the database can hold.
  Traffic& operator+=(const Traffic& other) noexcept;
  bool operator==(const Traffic&) const = default;
};

namespace traffic {

// What `owner` moved in [from, till): exact over whole minutes, in proportion to its seconds inside
// the first and the last one; where minutes have been forgotten, the same with hours, and with
// days. Neighbouring spans add up to the byte.
//
// The minute of `now` is not over: its bytes are spread over its seconds so far, and a span that
// reaches `now` has all of them. `unfolded` is what moved in it and is not in the database yet.
Outcome<Traffic> sum(Database& database, std::int64_t owner, WallSeconds from, WallSeconds till,
                     WallSeconds now, const Traffic& unfolded = {});

}  // namespace traffic
}  // namespace airlane
