// Which external address a dongle had, from when to when, and what brought it. Functions on the
// database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct IpRecord {
  std::int64_t id = 0;
  std::int64_t dongle = 0;
  Address ip;  // Without a port.
  WallSeconds from{};
  std::optional<WallSeconds> till;  // Absent: it is the address now.
  std::string cause;                // One word: "start", "rotation", "carrier"...

  bool operator==(const IpRecord&) const = default;
};

namespace ip_history {

// `ip` was seen at `now`: begins an entry and ends the one before. Nothing when it is the address
// already.
Outcome<Done> record(Database& database, std::int64_t dongle, const Address& ip, WallSeconds now,
                     std::string_view cause);
// The dongle has no address any more. Nothing when it had none.
Outcome<Done> end(Database& database, std::int64_t dongle, WallSeconds now);

Outcome<std::optional<IpRecord>> current(Database& database, std::int64_t dongle);
// The newest first, at most `limit` of them.
Outcome<std::vector<IpRecord>> of_dongle(Database& database, std::int64_t dongle,
                                         std::int64_t limit);

}  // namespace ip_history
}  // namespace airlane
