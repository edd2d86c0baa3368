// Who is logged in. Only a hash of each token is kept: a copy of the database logs nobody in.
// Functions on the database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct SessionRecord {
  std::string token_hash;
  std::int64_t user = 0;
  WallSeconds created{};
  WallSeconds expires{};

  bool operator==(const SessionRecord&) const = default;
};

namespace sessions {

Outcome<std::vector<SessionRecord>> all(Database& database);
// Absent also when it has expired.
Outcome<std::optional<SessionRecord>> find(Database& database, std::string_view token_hash,
                                           WallSeconds now);
// kNotFound when the user is gone, kConflict when there is such a token.
Outcome<Done> insert(Database& database, const SessionRecord& session);
// Logging out twice is no failure.
Outcome<Done> remove(Database& database, std::string_view token_hash);
Outcome<Done> remove_of_user(Database& database, std::int64_t user);
Outcome<Done> remove_expired(Database& database, WallSeconds now);

}  // namespace sessions
}  // namespace airlane
