// Named keys of the API, several for a user. Only a hash of each is kept: a copy of the database
// opens nothing. Functions on the database's thread; failures of the disk are those of
// db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct ApiKeyRecord {
  std::int64_t id = 0;  // Given by insert; never given again.
  std::int64_t user = 0;
  std::string name;
  std::string key_hash;
  std::string scopes;  // Words with a space between them; what they mean is not decided here.
  WallSeconds created{};
  std::optional<WallSeconds> expires;    // Absent: never.
  std::optional<WallSeconds> last_used;  // Absent: not yet.

  bool operator==(const ApiKeyRecord&) const = default;
};

namespace api_keys {

Outcome<std::vector<ApiKeyRecord>> all(Database& database);  // By id.
// kConflict when the user has a key of that name, kNotFound when the user is gone.
Outcome<std::int64_t> insert(Database& database, const ApiKeyRecord& key);
// When it was used last. Of a key that is gone: no failure.
Outcome<Done> note_use(Database& database, std::int64_t id, WallSeconds at);
// kNotFound when there is none.
Outcome<Done> remove(Database& database, std::int64_t id);

}  // namespace api_keys
}  // namespace airlane
