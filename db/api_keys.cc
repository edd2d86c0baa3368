#include "db/api_keys.h"

#include "db/database.h"

namespace airlane::api_keys {
namespace {

ApiKeyRecord read(const Statement& row) {
  return {.id = row.integer(0),
          .user = row.integer(1),
          .name = row.text(2),
          .key_hash = row.text(3),
          .scopes = row.text(4),
          .created = row.time(5),
          .expires = row.optional_time(6),
          .last_used = row.optional_time(7)};
}

}  // namespace

Outcome<std::vector<ApiKeyRecord>> all(Database& database) {
  return database.select<ApiKeyRecord>(
      "SELECT id, user, name, key_hash, scopes, created, expires, last_used FROM api_keys "
      "ORDER BY id",
      read);
}

Outcome<std::int64_t> insert(Database& database, const ApiKeyRecord& key) {
  const auto inserted = database.execute(
      "INSERT INTO api_keys (user, name, key_hash, scopes, created, expires, last_used) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      key.user, key.name, key.key_hash, key.scopes, key.created, key.expires, key.last_used);
  if (inserted) return database.last_id();
  if (inserted.error().kind != Failure::Kind::kConflict) return inserted.error();
  const auto taken = database.select_one<std::int64_t>(
      "SELECT id FROM api_keys WHERE user = ?1 AND name = ?2",
      [](const Statement& row) { return row.integer(0); }, key.user, key.name);
  if (taken && *taken) {
    return Failure{Failure::Kind::kConflict, "There is already a key " + key.name + "."};
  }
  return Failure{Failure::Kind::kNotFound,
                 "There is no user with the id " + std::to_string(key.user) + "."};
}

Outcome<Done> note_use(Database& database, std::int64_t id, WallSeconds at) {
  return database.execute("UPDATE api_keys SET last_used = ?2 WHERE id = ?1", id, at);
}

Outcome<Done> remove(Database& database, std::int64_t id) {
  auto removed = database.execute("DELETE FROM api_keys WHERE id = ?1", id);
  if (removed && database.changes() == 0) {
    return Failure{Failure::Kind::kNotFound,
                   "There is no key with the id " + std::to_string(id) + "."};
  }
  return removed;
}

}  // namespace airlane::api_keys
