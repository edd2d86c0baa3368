#include "db/schedules.h"

#include "db/database.h"

namespace airlane::schedules {

Outcome<std::vector<ScheduleRecord>> all(Database& database) {
  return database.select<ScheduleRecord>(
      "SELECT proxy, by_interval, by_calendar FROM schedules ORDER BY proxy",
      [](const Statement& row) {
        return ScheduleRecord{row.integer(0), row.optional_time(1), row.optional_time(2)};
      });
}

// A proxy that was removed meanwhile is nobody's mistake.
Outcome<Done> put(Database& database, const ScheduleRecord& schedule) {
  if (!schedule.by_interval && !schedule.by_calendar) {
    return database.execute("DELETE FROM schedules WHERE proxy = ?1", schedule.proxy);
  }
  return database.execute(
      "INSERT INTO schedules (proxy, by_interval, by_calendar) "
      "SELECT id, ?2, ?3 FROM proxies WHERE id = ?1 "
      "ON CONFLICT (proxy) DO UPDATE SET by_interval = ?2, by_calendar = ?3",
      schedule.proxy, schedule.by_interval, schedule.by_calendar);
}

Outcome<std::vector<RotationRecord>> rotations(Database& database) {
  return database.select<RotationRecord>("SELECT dongle, last FROM rotations ORDER BY dongle",
                                         [](const Statement& row) {
                                           return RotationRecord{row.integer(0), row.time(1)};
                                         });
}

Outcome<Done> put(Database& database, const RotationRecord& rotation) {
  return database.execute(
      "INSERT INTO rotations (dongle, last) SELECT id, ?2 FROM dongles WHERE id = ?1 "
      "ON CONFLICT (dongle) DO UPDATE SET last = ?2",
      rotation.dongle, rotation.last);
}

}  // namespace airlane::schedules
