#include "db/proxies.h"

#include "db/database.h"
#include "db/failure.h"
#include "db/transaction.h"

namespace airlane::proxies {
namespace {

constexpr std::string_view kPassword = "proxies.password";

std::int64_t number(const Statement& row) { return row.integer(0); }

ProxyRecord read(const Statement& row) {
  return {.id = row.integer(0),
          .user = row.integer(1),
          .dongle = row.integer(2),
          .port = row.number<std::uint16_t>(3),
          .username = row.text(4),
          .password = row.text(5),
          .comment = row.text(6),
          .in_use_from = row.optional_time(7),
          .in_use_till = row.optional_time(8),
          .ext_ip_upd_interval = row.optional_text(9),
          .ext_ip_upd_calendar = row.text(10),
          .fp = row.text(11),
          .whitelist_mode = row.text(12),
          .counter_row = row.number<std::uint32_t>(13),
          .whitelist = {},
          .quota = {},
          .limits = {}};
}

Outcome<Done> read_whitelist(Database& database, ProxyRecord& proxy) {
  auto whitelist = database.select<Cidr>(
      "SELECT cidr FROM proxy_whitelist WHERE proxy = ?1 ORDER BY position",
      [&](const Statement& row) -> Outcome<Cidr> {
        if (const auto cidr = Cidr::parse(row.text(0))) return *cidr;
        return damaged(database.path(), "whitelist of proxy " + std::to_string(proxy.id));
      },
      proxy.id);
  if (!whitelist) return whitelist.error();
  proxy.whitelist = *std::move(whitelist);
  return Done{};
}

Outcome<Done> write_whitelist(Database& database, const ProxyRecord& proxy, std::int64_t id) {
  auto cleared = database.execute("DELETE FROM proxy_whitelist WHERE proxy = ?1", id);
  if (!cleared) return cleared;
  std::int64_t position = 0;
  for (const auto& cidr : proxy.whitelist) {
    auto written = database.execute("INSERT INTO proxy_whitelist VALUES (?1, ?2, ?3)", id,
                                    position++, cidr.to_string());
    if (!written) return written;
  }
  return Done{};
}

Outcome<Done> read_quota(Database& database, ProxyRecord& proxy) {
  auto quota = database.select_one<QuotaRecord>(
      "SELECT bytes, period, zone, action, rate FROM proxy_quotas WHERE proxy = ?1",
      [](const Statement& row) {
        return QuotaRecord{.bytes = row.integer(0),
                           .period = row.text(1),
                           .zone = row.text(2),
                           .action = row.text(3),
                           .rate = row.integer(4)};
      },
      proxy.id);
  if (!quota) return quota.error();
  proxy.quota = *std::move(quota);
  return Done{};
}

Outcome<Done> write_quota(Database& database, const ProxyRecord& proxy, std::int64_t id) {
  if (!proxy.quota) return database.execute("DELETE FROM proxy_quotas WHERE proxy = ?1", id);
  const auto& quota = *proxy.quota;
  return database.execute("INSERT OR REPLACE INTO proxy_quotas VALUES (?1, ?2, ?3, ?4, ?5, ?6)", id,
                          quota.bytes, quota.period, quota.zone, quota.action, quota.rate);
}

Outcome<Done> read_targets_kept(Database& database, ProxyRecord& proxy) {
  const auto kept = database.select_one<unsigned>(
      "SELECT kept FROM proxy_targets_kept WHERE proxy = ?1",
      [](const Statement& row) { return row.number<unsigned>(0); }, proxy.id);
  if (!kept) return kept.error();
  proxy.targets_kept = *kept;
  return Done{};
}

Outcome<Done> write_targets_kept(Database& database, const ProxyRecord& proxy, std::int64_t id) {
  const auto& kept = proxy.targets_kept;
  if (!kept) return database.execute("DELETE FROM proxy_targets_kept WHERE proxy = ?1", id);
  return database.execute("INSERT OR REPLACE INTO proxy_targets_kept VALUES (?1, ?2)", id, *kept);
}

// What a proxy has in tables of their own.
Outcome<Done> read_rest(Database& database, ProxyRecord& proxy) {
  auto password = database.unseal(proxy.password, kPassword);
  if (!password) return password.error();
  proxy.password = *std::move(password);
  if (auto done = read_whitelist(database, proxy); !done) return done;
  if (auto done = read_quota(database, proxy); !done) return done;
  if (auto done = read_targets_kept(database, proxy); !done) return done;
  auto limits = limits::find(database, proxy.id);
  if (!limits) return limits.error();
  proxy.limits = *std::move(limits);
  return Done{};
}

Outcome<Done> write_rest(Database& database, const ProxyRecord& proxy, std::int64_t id) {
  if (auto done = write_whitelist(database, proxy, id); !done) return done;
  if (auto done = write_quota(database, proxy, id); !done) return done;
  if (auto done = write_targets_kept(database, proxy, id); !done) return done;
  return limits::put(database, id, proxy.limits);
}

Failure no_such(const char* what, std::int64_t id) {
  return {Failure::Kind::kNotFound,
          std::string("There is no ") + what + " with the id " + std::to_string(id) + "."};
}

Failure taken(const char* what, std::int64_t number, std::int64_t holder) {
  return {Failure::Kind::kConflict, what + std::to_string(number) + " already belongs to proxy " +
                                        std::to_string(holder) + "."};
}

// The sentence for a constraint that `proxy`, under this id, violates; any other failure stays.
Failure explain(Database& database, const ProxyRecord& proxy, std::int64_t id,
                const Failure& failure) {
  if (failure.kind != Failure::Kind::kConflict) return failure;
  const auto on_port = database.select_one<std::int64_t>(
      "SELECT id FROM proxies WHERE port = ?1 AND id <> ?2", number, proxy.port, id);
  if (on_port && *on_port) return taken("Port ", proxy.port, **on_port);
  const auto on_row = database.select_one<std::int64_t>(
      "SELECT id FROM proxies WHERE counter_row = ?1 AND id <> ?2", number, proxy.counter_row, id);
  if (on_row && *on_row) return taken("Counter row ", proxy.counter_row, **on_row);
  const auto user =
      database.select_one<std::int64_t>("SELECT id FROM users WHERE id = ?1", number, proxy.user);
  if (user && !*user) return no_such("user", proxy.user);
  const auto dongle = database.select_one<std::int64_t>("SELECT id FROM dongles WHERE id = ?1",
                                                        number, proxy.dongle);
  if (dongle && !*dongle) return no_such("dongle", proxy.dongle);
  return failure;
}

}  // namespace

Outcome<std::vector<ProxyRecord>> all(Database& database) {
  auto proxies = database.select<ProxyRecord>(
      "SELECT id, user, dongle, port, username, password, comment, in_use_from, in_use_till, "
      "ext_ip_upd_interval, ext_ip_upd_calendar, fp, whitelist_mode, counter_row "
      "FROM proxies ORDER BY id",
      read);
  if (!proxies) return proxies;
  for (auto& proxy : *proxies) {
    if (auto done = read_rest(database, proxy); !done) return done.error();
  }
  return proxies;
}

Outcome<std::optional<ProxyRecord>> find(Database& database, std::int64_t id) {
  auto proxy = database.select_one<ProxyRecord>(
      "SELECT id, user, dongle, port, username, password, comment, in_use_from, in_use_till, "
      "ext_ip_upd_interval, ext_ip_upd_calendar, fp, whitelist_mode, counter_row "
      "FROM proxies WHERE id = ?1",
      read, id);
  if (!proxy || !*proxy) return proxy;
  if (auto done = read_rest(database, **proxy); !done) return done.error();
  return proxy;
}

Outcome<std::int64_t> insert(Database& database, const ProxyRecord& proxy) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto inserted = database.execute(
      "INSERT INTO proxies (user, dongle, port, username, password, comment, in_use_from, "
      "in_use_till, ext_ip_upd_interval, ext_ip_upd_calendar, fp, whitelist_mode, counter_row, id) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, nullif(?14, 0))",
      proxy.user, proxy.dongle, proxy.port, proxy.username,
      database.seal(proxy.password, kPassword), proxy.comment, proxy.in_use_from, proxy.in_use_till,
      proxy.ext_ip_upd_interval, proxy.ext_ip_upd_calendar, proxy.fp, proxy.whitelist_mode,
      proxy.counter_row, proxy.id);
  if (!inserted) return explain(database, proxy, 0, inserted.error());
  const auto id = database.last_id();
  if (auto written = write_rest(database, proxy, id); !written) return written.error();
  if (auto committed = transaction->commit(); !committed) return committed.error();
  return id;
}

Outcome<Done> update(Database& database, const ProxyRecord& proxy) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto updated = database.execute(
      "UPDATE proxies SET user = ?2, dongle = ?3, port = ?4, username = ?5, password = ?6, "
      "comment = ?7, in_use_from = ?8, in_use_till = ?9, ext_ip_upd_interval = ?10, "
      "ext_ip_upd_calendar = ?11, fp = ?12, whitelist_mode = ?13, counter_row = ?14 WHERE id = ?1",
      proxy.id, proxy.user, proxy.dongle, proxy.port, proxy.username,
      database.seal(proxy.password, kPassword), proxy.comment, proxy.in_use_from, proxy.in_use_till,
      proxy.ext_ip_upd_interval, proxy.ext_ip_upd_calendar, proxy.fp, proxy.whitelist_mode,
      proxy.counter_row);
  if (!updated) return explain(database, proxy, proxy.id, updated.error());
  if (database.changes() == 0) return no_such("proxy", proxy.id);
  if (auto written = write_rest(database, proxy, proxy.id); !written) return written;
  return transaction->commit();
}

Outcome<Done> remove(Database& database, std::int64_t id) {
  auto removed = database.execute("DELETE FROM proxies WHERE id = ?1", id);
  if (removed && database.changes() == 0) return no_such("proxy", id);
  return removed;
}

}  // namespace airlane::proxies
