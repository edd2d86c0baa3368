#include "db/users.h"

#include "db/database.h"

namespace airlane::users {
namespace {

constexpr std::string_view kApiKey = "users.api_key";

Outcome<UserRecord> read(Database& database, const Statement& row) {
  auto api_key = database.unseal(row.text(3), kApiKey);
  if (!api_key) return api_key.error();
  return UserRecord{.id = row.integer(0),
                    .name = row.text(1),
                    .password_hash = row.text(2),
                    .api_key = *std::move(api_key),
                    .admin = row.integer(4) != 0,
                    .created = row.time(5),
                    .api = row.integer(6) != 0};
}

auto reader(Database& database) {
  return [&database](const Statement& row) { return read(database, row); };
}

std::int64_t count(const Statement& row) { return row.integer(0); }

Failure no_such(std::int64_t id) {
  return {Failure::Kind::kNotFound, "There is no user with the id " + std::to_string(id) + "."};
}

// The sentence for a constraint that `user` violates; any other failure stays as it is.
Failure explain(Database& database, const UserRecord& user, const Failure& failure) {
  if (failure.kind != Failure::Kind::kConflict) return failure;
  const auto taken = database.select_one<std::int64_t>(
      "SELECT 1 FROM users WHERE name = ?1 AND id <> ?2", count, user.name, user.id);
  if (taken && *taken) return {failure.kind, "There is already a user " + user.name + "."};
  return {failure.kind, "This API key already belongs to another user."};
}

}  // namespace

Outcome<std::vector<UserRecord>> all(Database& database) {
  return database.select<UserRecord>(
      "SELECT id, name, password_hash, api_key, admin, created, api FROM users ORDER BY id",
      reader(database));
}

Outcome<std::optional<UserRecord>> find(Database& database, std::string_view name) {
  return database.select_one<UserRecord>(
      "SELECT id, name, password_hash, api_key, admin, created, api FROM users WHERE name = ?1",
      reader(database), name);
}

Outcome<std::int64_t> insert(Database& database, const UserRecord& user) {
  const auto inserted = database.execute(
      "INSERT INTO users (name, password_hash, api_key, admin, created, api) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      user.name, user.password_hash, database.seal(user.api_key, kApiKey), user.admin, user.created,
      user.api);
  if (!inserted) {
    UserRecord newcomer = user;
    newcomer.id = 0;
    return explain(database, newcomer, inserted.error());
  }
  return database.last_id();
}

Outcome<Done> update(Database& database, const UserRecord& user) {
  const auto updated = database.execute(
      "UPDATE users SET name = ?2, password_hash = ?3, api_key = ?4, admin = ?5, api = ?6 "
      "WHERE id = ?1",
      user.id, user.name, user.password_hash, database.seal(user.api_key, kApiKey), user.admin,
      user.api);
  if (!updated) return explain(database, user, updated.error());
  if (database.changes() == 0) return no_such(user.id);
  return Done{};
}

Outcome<Done> remove(Database& database, std::int64_t id) {
  auto removed = database.execute("DELETE FROM users WHERE id = ?1", id);
  if (removed && database.changes() == 0) return no_such(id);
  if (removed || removed.error().kind != Failure::Kind::kConflict) return removed;
  const auto owned =
      database.select_one<std::int64_t>("SELECT count(*) FROM proxies WHERE user = ?1", count, id);
  if (!owned) return owned.error();
  return Failure{Failure::Kind::kConflict,
                 "The user still owns " + std::to_string(**owned) +
                     (**owned == 1 ? " proxy; remove it first." : " proxies; remove them first.")};
}

}  // namespace airlane::users
