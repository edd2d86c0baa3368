#include "db/ip_history.h"

#include <limits>

#include "db/database.h"
#include "db/failure.h"
#include "db/transaction.h"

namespace airlane::ip_history {
namespace {

auto reader(Database& database) {
  return [&database](const Statement& row) -> Outcome<IpRecord> {
    const auto ip = Address::parse(row.text(2));
    if (!ip) return damaged(database.path(), "address history " + std::to_string(row.integer(0)));
    return IpRecord{.id = row.integer(0),
                    .dongle = row.integer(1),
                    .ip = *ip,
                    .from = row.time(3),
                    .till = row.optional_time(4),
                    .cause = row.text(5)};
  };
}

}  // namespace

Outcome<Done> record(Database& database, std::int64_t dongle, const Address& ip, WallSeconds now,
                     std::string_view cause, std::int64_t most) {
  const auto before = current(database, dongle);
  if (!before) return before.error();
  if (*before && (*before)->ip.same_ip(ip)) return Done{};
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  if (auto ended = end(database, dongle, now); !ended) return ended;
  auto begun = database.execute(
      "INSERT INTO ip_history (dongle, ip, \"from\", cause) VALUES (?1, ?2, ?3, ?4)", dongle,
      ip.ip(), now, cause);
  if (!begun) return begun;
  auto forgotten = database.execute(
      "DELETE FROM ip_history WHERE dongle = ?1 AND id <= "
      "(SELECT id FROM ip_history WHERE dongle = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
      dongle, most);
  if (!forgotten) return forgotten;
  return transaction->commit();
}

Outcome<Done> end(Database& database, std::int64_t dongle, WallSeconds now) {
  return database.execute("UPDATE ip_history SET till = ?2 WHERE dongle = ?1 AND till IS NULL",
                          dongle, now);
}

Outcome<std::optional<IpRecord>> current(Database& database, std::int64_t dongle) {
  return database.select_one<IpRecord>(
      "SELECT id, dongle, ip, \"from\", till, cause FROM ip_history "
      "WHERE dongle = ?1 AND till IS NULL",
      reader(database), dongle);
}

Outcome<Done> forget_removed(Database& database, std::int64_t most) {
  return database.execute(
      "DELETE FROM ip_history WHERE dongle NOT IN (SELECT id FROM dongles) AND id <= "
      "(SELECT id FROM ip_history WHERE dongle NOT IN (SELECT id FROM dongles) "
      "ORDER BY id DESC LIMIT 1 OFFSET ?1)",
      most);
}

Outcome<std::vector<IpRecord>> list(Database& database, const IpFilter& filter) {
  return database.select<IpRecord>(
      "SELECT id, dongle, ip, \"from\", till, cause FROM ip_history "
      "WHERE dongle = ?1 AND (?2 IS NULL OR till IS NULL OR till > ?2) AND id < ?3 "
      "ORDER BY id DESC LIMIT ?4",
      reader(database), filter.dongle, filter.since,
      filter.before.value_or(std::numeric_limits<std::int64_t>::max()), filter.limit);
}

Outcome<IpCount> count(Database& database, std::int64_t dongle, WallSeconds since) {
  const auto counted = database.select_one<IpCount>(
      "SELECT count(*), count(DISTINCT ip) FROM ip_history WHERE dongle = ?1 AND \"from\" >= ?2",
      [](const Statement& row) {
        return IpCount{.periods = row.integer(0), .addresses = row.integer(1)};
      },
      dongle, since);
  if (!counted) return counted.error();
  return counted->value_or(IpCount{});
}

Outcome<std::set<std::string>> had(Database& database, const std::vector<std::int64_t>& dongles,
                                   WallSeconds since) {
  std::set<std::string> all;
  for (const auto dongle : dongles) {
    const auto some = database.select<std::string>(
        "SELECT DISTINCT ip FROM ip_history WHERE dongle = ?1 AND (till IS NULL OR till > ?2)",
        [](const Statement& row) { return row.text(0); }, dongle, since);
    if (!some) return some.error();
    all.insert(some->begin(), some->end());
  }
  return all;
}

}  // namespace airlane::ip_history
