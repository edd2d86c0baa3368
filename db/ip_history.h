// Which external address a dongle had, from when to when, and what brought it. Functions on the
// database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
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
  std::string cause;                // One word: "rotation", "reboot" or "observed".

  bool operator==(const IpRecord&) const = default;
};

struct IpFilter {
  std::int64_t dongle = 0;
  std::optional<WallSeconds> since{};    // Still the address then, or later.
  std::optional<std::int64_t> before{};  // Older than this entry.
  std::int64_t limit = 0;                // The newest so many.
};

struct IpCount {
  std::int64_t periods = 0;    // Entries,
  std::int64_t addresses = 0;  // and different addresses among them.
};

namespace ip_history {

// `ip` was seen at `now`: begins an entry and ends the one before. Nothing when it is the address
// already. Of the dongle's entries the newest `most` are kept.
Outcome<Done> record(Database& database, std::int64_t dongle, const Address& ip, WallSeconds now,
                     std::string_view cause, std::int64_t most);
// The dongle has no address any more. Nothing when it had none.
Outcome<Done> end(Database& database, std::int64_t dongle, WallSeconds now);

Outcome<std::optional<IpRecord>> current(Database& database, std::int64_t dongle);
// Of dongles that were removed the newest `most` entries are kept, all together.
Outcome<Done> forget_removed(Database& database, std::int64_t most);

// The newest first.
Outcome<std::vector<IpRecord>> list(Database& database, const IpFilter& filter);
// Of the entries that have begun since then.
Outcome<IpCount> count(Database& database, std::int64_t dongle, WallSeconds since);
// Every address that one of the dongles had at some time since then, each once.
Outcome<std::set<std::string>> had(Database& database, const std::vector<std::int64_t>& dongles,
                                   WallSeconds since);

}  // namespace ip_history
}  // namespace airlane
