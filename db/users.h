// Who may log in and own proxies. Functions on the database's thread; failures of the disk are
// those of db/failure.h.
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

struct UserRecord {
  std::int64_t id = 0;  // Given by insert; never given again.
  std::string name;
  std::string password_hash;
  std::string api_key;
  bool admin = false;
  WallSeconds created{};
  bool api = true;  // May use the REST API.

  bool operator==(const UserRecord&) const = default;
};

namespace users {

Outcome<std::vector<UserRecord>> all(Database& database);  // By id.
Outcome<std::optional<UserRecord>> find(Database& database, std::string_view name);

// kConflict: "There is already a user alice."
Outcome<std::int64_t> insert(Database& database, const UserRecord& user);
// All fields but `created`, of the user with this id; kNotFound when there is none.
Outcome<Done> update(Database& database, const UserRecord& user);
// With their sessions. kConflict while the user owns proxies.
Outcome<Done> remove(Database& database, std::int64_t id);

}  // namespace users
}  // namespace airlane
