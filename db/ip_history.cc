#include "db/ip_history.h"

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
                     std::string_view cause) {
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

Outcome<std::vector<IpRecord>> of_dongle(Database& database, std::int64_t dongle,
                                         std::int64_t limit) {
  return database.select<IpRecord>(
      "SELECT id, dongle, ip, \"from\", till, cause FROM ip_history "
      "WHERE dongle = ?1 ORDER BY id DESC LIMIT ?2",
      reader(database), dongle, limit);
}

}  // namespace airlane::ip_history
