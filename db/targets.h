// Which targets a proxy's bytes went to on which day (in UTC), and which files of earlier processes
// are part of that. Functions on the database's thread; failures of the disk are those of
// db/failure.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/target_summary.h"

namespace airlane {

class Database;

namespace targets {

// The most that can be kept of a day.
inline constexpr unsigned kKeptMost = 1000;

// Of the days from `first` to `last`, together.
Outcome<TargetSummary> read(Database& database, std::int64_t proxy, std::int64_t first,
                            std::int64_t last);
// Adds to the day, of which `kept` targets are told apart. Of a proxy that is gone nothing is kept.
Outcome<Done> add(Database& database, std::int64_t proxy, std::int64_t day,
                  const TargetSummary& more, std::size_t kept);
// All days of the proxy.
Outcome<Done> forget(Database& database, std::int64_t proxy);
// Some of those before this day. False when there is none any more.
Outcome<bool> forget_before(Database& database, std::int64_t day);

// Files that have been added.
Outcome<std::vector<std::string>> files(Database& database);
Outcome<Done> add_file(Database& database, const std::string& name);
Outcome<Done> forget_file(Database& database, const std::string& name);

}  // namespace targets
}  // namespace airlane
