// What becomes of traffic as it grows old: recent minutes are packed by the hour, the minutes of
// old hours forgotten, old hours added up to days.
//
// In steps, each a small transaction that moves what it finds, so that nobody waits long for the
// database and a crash at any moment leaves every byte where it was or where it goes, never both.
// What a clock that was set back brings late is added to what is there.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

// For how long after its end an hour is still known by the minute, and as an hour.
struct Retention {
  std::chrono::seconds minutes = std::chrono::days(35);
  std::chrono::seconds hours = std::chrono::days(400);
};

// On the database's thread.
class Aging {
 public:
  explicit Aging(Retention retention) : retention_(retention) {}

  // Takes one step. False when there was nothing to do, and will not be before the next hour.
  Outcome<bool> step(Database& database, WallSeconds now);

 private:
  Outcome<bool> pack_recent(Database& database, WallSeconds now) const;
  Outcome<bool> forget_minutes(Database& database, WallSeconds now) const;
  Outcome<bool> add_up_days(Database& database, WallSeconds now);

  const Retention retention_;
  // The owners up to this one have no hours of this day, nor of an earlier one.
  std::int64_t last_day_ = 0;
  std::optional<std::int64_t> up_to_owner_;
};

}  // namespace airlane
