// Links that rotate a proxy without a log-in, at most one for each. Only a hash of the token is
// kept: a copy of the database rotates nothing. Functions on the database's thread; failures of the
// disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct RotationLinkRecord {
  std::int64_t proxy = 0;
  std::string token_hash;
  WallSeconds created{};

  bool operator==(const RotationLinkRecord&) const = default;
};

namespace rotation_links {

Outcome<std::vector<RotationLinkRecord>> all(Database& database);
// In the place of the one before it. kNotFound when the proxy is gone.
Outcome<Done> put(Database& database, const RotationLinkRecord& link);
// Revoking twice is no failure.
Outcome<Done> remove(Database& database, std::int64_t proxy);

}  // namespace rotation_links
}  // namespace airlane
