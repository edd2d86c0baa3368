#include "db/targets.h"

#include <optional>
#include <utility>

#include "db/database.h"
#include "db/transaction.h"

namespace airlane::targets {
namespace {

constexpr std::int64_t kDaysToForget = 8;  // At once: some thousand rows at the very most.

std::int64_t stored(std::uint64_t value) { return static_cast<std::int64_t>(value); }

TargetSum sum_at(const Statement& row, int column) {
  return {row.number<std::uint64_t>(column), row.number<std::uint64_t>(column + 1),
          row.number<std::uint64_t>(column + 2)};
}

struct DayRow {
  std::int64_t day = 0;
  TargetSum other;
  std::uint64_t floor = 0;
};

using TargetRow = std::pair<TargetName, TargetSummary::Entry>;

TargetRow read_target(const Statement& row) {
  return {{row.text(0), row.number<std::uint16_t>(1)},
          {sum_at(row, 2), row.number<std::uint64_t>(5)}};
}

Outcome<TargetSummary> read_targets(Database& database, std::int64_t proxy, const DayRow& day) {
  auto rows = database.select<TargetRow>(
      "SELECT host, port, incoming, outgoing, connections, weight FROM targets "
      "WHERE proxy = ?1 AND day = ?2",
      read_target, proxy, day.day);
  if (!rows) return rows.error();
  TargetSummary::Entries entries;
  for (auto& [name, entry] : *rows) entries.emplace(std::move(name), entry);
  return TargetSummary(std::move(entries), day.other, day.floor);
}

Outcome<std::vector<DayRow>> days(Database& database, std::int64_t proxy, std::int64_t first,
                                  std::int64_t last) {
  return database.select<DayRow>(
      "SELECT day, incoming, outgoing, connections, floor FROM target_days "
      "WHERE proxy = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day",
      [](const Statement& row) {
        return DayRow{row.integer(0), sum_at(row, 1), row.number<std::uint64_t>(4)};
      },
      proxy, first, last);
}

Outcome<bool> is_there(Database& database, std::int64_t proxy) {
  const auto found = database.select_one<std::int64_t>(
      "SELECT id FROM proxies WHERE id = ?1", [](const Statement& row) { return row.integer(0); },
      proxy);
  if (!found) return found.error();
  return found->has_value();
}

Outcome<Done> write_target(Database& database, std::int64_t proxy, std::int64_t day,
                           const TargetName& name, const TargetSummary::Entry& entry) {
  return database.execute(
      "INSERT INTO targets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
      "ON CONFLICT (proxy, day, host, port) DO UPDATE SET incoming = excluded.incoming, "
      "outgoing = excluded.outgoing, connections = excluded.connections, weight = excluded.weight",
      proxy, day, name.host, name.port, stored(entry.sum.incoming), stored(entry.sum.outgoing),
      stored(entry.sum.connections), stored(entry.weight));
}

// What is different from `before`.
Outcome<Done> write(Database& database, std::int64_t proxy, std::int64_t day,
                    const TargetSummary& before, const TargetSummary& now) {
  const auto& other = now.other();
  auto written = database.execute(
      "INSERT INTO target_days VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (proxy, day) "
      "DO UPDATE SET incoming = excluded.incoming, outgoing = excluded.outgoing, "
      "connections = excluded.connections, floor = excluded.floor",
      proxy, day, stored(other.incoming), stored(other.outgoing), stored(other.connections),
      stored(now.floor()));
  if (!written) return written;
  for (const auto& [name, entry] : before.entries()) {
    if (now.entries().contains(name)) continue;
    written = database.execute(
        "DELETE FROM targets WHERE proxy = ?1 AND day = ?2 AND host = ?3 AND port = ?4", proxy, day,
        name.host, name.port);
    if (!written) return written;
  }
  for (const auto& [name, entry] : now.entries()) {
    const auto known = before.entries().find(name);
    if (known != before.entries().end() && known->second == entry) continue;
    if (written = write_target(database, proxy, day, name, entry); !written) return written;
  }
  return Done{};
}

}  // namespace

Outcome<TargetSummary> read(Database& database, std::int64_t proxy, std::int64_t first,
                            std::int64_t last) {
  const auto rows = days(database, proxy, first, last);
  if (!rows) return rows.error();
  TargetSummary all;
  for (const auto& row : *rows) {
    const auto day = read_targets(database, proxy, row);
    if (!day) return day.error();
    all.merge(*day);
  }
  return all;
}

Outcome<Done> add(Database& database, std::int64_t proxy, std::int64_t day,
                  const TargetSummary& more, std::size_t kept) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto there = is_there(database, proxy);
  if (!there) return there.error();
  if (!*there) return Done{};
  const auto before = read(database, proxy, day, day);
  if (!before) return before.error();
  auto now = *before;
  now.merge(more);
  now.trim(kept);
  if (auto written = write(database, proxy, day, *before, now); !written) return written;
  return transaction->commit();
}

Outcome<Done> forget(Database& database, std::int64_t proxy) {
  return database.execute("DELETE FROM target_days WHERE proxy = ?1", proxy);
}

Outcome<bool> forget_before(Database& database, std::int64_t day) {
  auto forgotten = database.execute(
      "DELETE FROM target_days WHERE (proxy, day) IN "
      "(SELECT proxy, day FROM target_days WHERE day < ?1 ORDER BY day LIMIT ?2)",
      day, kDaysToForget);
  if (!forgotten) return forgotten.error();
  return database.changes() > 0;
}

Outcome<std::vector<std::string>> files(Database& database) {
  return database.select<std::string>("SELECT name FROM target_files",
                                      [](const Statement& row) { return row.text(0); });
}

Outcome<Done> add_file(Database& database, const std::string& name) {
  return database.execute("INSERT INTO target_files VALUES (?1)", name);
}

Outcome<Done> forget_file(Database& database, const std::string& name) {
  return database.execute("DELETE FROM target_files WHERE name = ?1", name);
}

}  // namespace airlane::targets
