// Everything that the operator and time have put into a database, as records: what an export tells
// of one server, and an import brings to another. Functions on the database's thread; failures of
// the disk are those of db/failure.h.
//
// Left out is what belongs to one machine or one moment: sessions, counter rows, jobs, addresses,
// where bytes went, the traffic of what was removed, and how the bytes of ended hours lie in their
// minutes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "db/api_keys.h"
#include "db/credentials.h"
#include "db/dongles.h"
#include "db/proxies.h"
#include "db/rotation_links.h"
#include "db/schedules.h"
#include "db/traffic.h"
#include "db/users.h"

namespace airlane {

class Database;

struct TrafficRecord {
  std::int64_t owner = 0;  // A proxy, or a credential as a negative number; see db/traffic.h.
  WallSeconds from{};      // A day, an hour or a minute begins.
  Traffic moved;

  bool operator==(const TrafficRecord&) const = default;
};

// Who belongs to whom is said by the ids in it.
struct Contents {
  std::vector<UserRecord> users;
  std::vector<ApiKeyRecord> keys;
  std::vector<DongleRecord> dongles;
  std::vector<RotationRecord> rotations;
  std::vector<ProxyRecord> proxies;
  std::vector<CredentialRecord> credentials;
  std::vector<RotationLinkRecord> links;
  std::vector<ScheduleRecord> schedules;
  std::vector<TrafficRecord> days;  // By owner, then by time; these three.
  std::vector<TrafficRecord> hours;
  std::vector<TrafficRecord> minutes;  // Of the hour that runs.

  bool operator==(const Contents&) const = default;
};

namespace contents {

Outcome<Contents> read(Database& database, bool with_traffic);
// All of it, in one transaction, and as it is then. Proxies and credentials keep their ids; users,
// keys and dongles get others, here and wherever they are named. kConflict when something of it is
// there already. The traffic of whoever comes with traffic takes the place of what is left of a
// removed one with that id.
Outcome<Contents> insert(Database& database, Contents contents);
// What insert() has brought, traffic included.
Outcome<Done> remove(Database& database, const Contents& contents);

}  // namespace contents
}  // namespace airlane
