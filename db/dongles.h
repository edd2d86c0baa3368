// The dongles that the operator told us about. Functions on the database's thread; failures of the
// disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct DongleRecord {
  std::int64_t id = 0;  // Given by insert; never given again.
  std::string name;
  std::string interface;
  std::string driver;
  std::optional<Address> gateway;  // Absent: to be found out. Without a port.
  std::string isp;
  WallSeconds created{};
  std::vector<Address> dns;                    // With their ports, in the order of preference.
  std::map<std::string, std::string> options;  // What the driver wants to know.

  bool operator==(const DongleRecord&) const = default;
};

namespace dongles {

Outcome<std::vector<DongleRecord>> all(Database& database);  // By id.

// kConflict: "There is already a dongle ten.", "Interface wwan0 already belongs to dongle ten."
Outcome<std::int64_t> insert(Database& database, const DongleRecord& dongle);
// All fields but `created`, of the dongle with this id; kNotFound when there is none.
Outcome<Done> update(Database& database, const DongleRecord& dongle);
// kConflict while proxies use it. Its address history stays.
Outcome<Done> remove(Database& database, std::int64_t id);

}  // namespace dongles
}  // namespace airlane
