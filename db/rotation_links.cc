#include "db/rotation_links.h"

#include "db/database.h"

namespace airlane::rotation_links {
namespace {

RotationLinkRecord read(const Statement& row) {
  return {.proxy = row.integer(0), .token_hash = row.text(1), .created = row.time(2)};
}

}  // namespace

Outcome<std::vector<RotationLinkRecord>> all(Database& database) {
  return database.select<RotationLinkRecord>(
      "SELECT proxy, token_hash, created FROM rotation_links ORDER BY proxy", read);
}

Outcome<Done> put(Database& database, const RotationLinkRecord& link) {
  auto inserted = database.execute(
      "INSERT INTO rotation_links (proxy, token_hash, created) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (proxy) DO UPDATE SET token_hash = ?2, created = ?3",
      link.proxy, link.token_hash, link.created);
  if (inserted || inserted.error().kind != Failure::Kind::kConflict) return inserted;
  return Failure{Failure::Kind::kNotFound, "There is no proxy " + std::to_string(link.proxy) + "."};
}

Outcome<Done> remove(Database& database, std::int64_t proxy) {
  return database.execute("DELETE FROM rotation_links WHERE proxy = ?1", proxy);
}

}  // namespace airlane::rotation_links
