// When proxies rotate next by themselves, and when dongles have rotated last. Functions on the
// database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct ScheduleRecord {
  std::int64_t proxy = 0;
  std::optional<WallSeconds> by_interval;  // Absent: not by an interval.
  std::optional<WallSeconds> by_calendar;

  bool operator==(const ScheduleRecord&) const = default;
};

struct RotationRecord {
  std::int64_t dongle = 0;
  WallSeconds last{};  // When the last one ended.

  bool operator==(const RotationRecord&) const = default;
};

namespace schedules {

Outcome<std::vector<ScheduleRecord>> all(Database& database);  // By proxy.
// In the place of what was there; without any time it is as if there had been none.
Outcome<Done> put(Database& database, const ScheduleRecord& schedule);

Outcome<std::vector<RotationRecord>> rotations(Database& database);  // By dongle.
Outcome<Done> put(Database& database, const RotationRecord& rotation);

}  // namespace schedules
}  // namespace airlane
