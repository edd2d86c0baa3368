#include "db/sessions.h"

#include "db/database.h"

namespace airlane::sessions {
namespace {

SessionRecord read(const Statement& row) {
  return {.token_hash = row.text(0),
          .user = row.integer(1),
          .created = row.time(2),
          .expires = row.time(3)};
}

}  // namespace

Outcome<std::vector<SessionRecord>> all(Database& database) {
  return database.select<SessionRecord>(
      "SELECT token_hash, user, created, expires FROM sessions ORDER BY created, token_hash", read);
}

Outcome<std::optional<SessionRecord>> find(Database& database, std::string_view token_hash,
                                           WallSeconds now) {
  return database.select_one<SessionRecord>(
      "SELECT token_hash, user, created, expires FROM sessions "
      "WHERE token_hash = ?1 AND expires > ?2",
      read, token_hash, now);
}

Outcome<Done> insert(Database& database, const SessionRecord& session) {
  auto inserted =
      database.execute("INSERT INTO sessions VALUES (?1, ?2, ?3, ?4)", session.token_hash,
                       session.user, session.created, session.expires);
  if (inserted || inserted.error().kind != Failure::Kind::kConflict) return inserted;
  const auto taken = database.select_one<SessionRecord>(
      "SELECT token_hash, user, created, expires FROM sessions WHERE token_hash = ?1", read,
      session.token_hash);
  if (taken && *taken) {
    return Failure{Failure::Kind::kConflict, "There is already a session with this token."};
  }
  return Failure{Failure::Kind::kNotFound,
                 "There is no user with the id " + std::to_string(session.user) + "."};
}

Outcome<Done> remove(Database& database, std::string_view token_hash) {
  return database.execute("DELETE FROM sessions WHERE token_hash = ?1", token_hash);
}

Outcome<Done> remove_of_user(Database& database, std::int64_t user) {
  return database.execute("DELETE FROM sessions WHERE user = ?1", user);
}

Outcome<Done> remove_expired(Database& database, WallSeconds now) {
  return database.execute("DELETE FROM sessions WHERE expires <= ?1", now);
}

}  // namespace airlane::sessions
