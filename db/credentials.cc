#include "db/credentials.h"

#include "db/database.h"
#include "db/failure.h"

namespace airlane::credentials {
namespace {

constexpr std::string_view kPassword = "credentials.password";

std::optional<QuotaRecord> read_quota(const Statement& row) {
  const auto bytes = row.optional_integer(16);
  if (!bytes) return std::nullopt;
  return QuotaRecord{.bytes = *bytes,
                     .period = row.text(17),
                     .zone = row.text(18),
                     .action = row.text(19),
                     .rate = row.integer(20)};
}

Outcome<std::vector<Cidr>> read_whitelist(const Database& database, const Statement& row) {
  std::vector<Cidr> whitelist;
  for (const auto& line : limits::split(row.text(7))) {
    const auto network = Cidr::parse(line);
    if (!network) {
      return damaged(database.path(), "whitelist of credential " + std::to_string(row.integer(0)));
    }
    whitelist.push_back(*network);
  }
  return whitelist;
}

Outcome<CredentialRecord> read(const Database& database, const Statement& row) {
  auto whitelist = read_whitelist(database, row);
  if (!whitelist) return whitelist.error();
  auto password = database.unseal(row.text(3), kPassword);
  if (!password) return password.error();
  return CredentialRecord{.id = row.integer(0),
                          .proxy = row.integer(1),
                          .name = row.text(2),
                          .password = *std::move(password),
                          .enabled = row.integer(4) != 0,
                          .in_use_from = row.optional_time(5),
                          .in_use_till = row.optional_time(6),
                          .whitelist = *std::move(whitelist),
                          .whitelist_mode = row.text(8),
                          .counter_row = row.number<std::uint32_t>(9),
                          .quota = read_quota(row),
                          .limits = {.connections = row.optional_integer(10),
                                     .connections_per_source = row.optional_integer(11),
                                     .new_per_second = row.optional_integer(12),
                                     .upload = row.optional_integer(13),
                                     .download = row.optional_integer(14),
                                     .destinations = limits::split(row.text(15))}};
}

std::string joined(const std::vector<Cidr>& whitelist) {
  std::vector<std::string> lines;
  lines.reserve(whitelist.size());
  for (const auto& network : whitelist) lines.push_back(network.to_string());
  return limits::joined(lines);
}

// Of a statement whose first values these are; then come two that only one of them has.
template <class... More>
Outcome<Done> write(Database& database, Sql sql, const CredentialRecord& one, const More&... more) {
  const auto quota = one.quota.value_or(QuotaRecord());
  const auto bytes = one.quota ? std::optional(quota.bytes) : std::nullopt;
  const auto& limits = one.limits;
  return database.execute(sql, one.name, database.seal(one.password, kPassword),
                          one.enabled ? 1 : 0, one.in_use_from, one.in_use_till,
                          joined(one.whitelist), one.whitelist_mode, one.counter_row,
                          limits.connections, limits.connections_per_source, limits.new_per_second,
                          limits.upload, limits.download, limits::joined(limits.destinations),
                          bytes, quota.period, quota.zone, quota.action, quota.rate, more...);
}

Failure explain(const CredentialRecord& one, const Failure& failure) {
  if (failure.kind != Failure::Kind::kConflict) return failure;
  return {Failure::Kind::kConflict, "Proxy " + std::to_string(one.proxy) +
                                        " already has a credential " + one.name +
                                        ", or the proxy or the counter row is not to be had."};
}

}  // namespace

Outcome<std::vector<CredentialRecord>> all(Database& database) {
  return database.select<CredentialRecord>(
      "SELECT id, proxy, name, password, enabled, in_use_from, in_use_till, whitelist, "
      "whitelist_mode, counter_row, connections, connections_per_source, new_per_second, upload, "
      "download, destinations, quota_bytes, quota_period, quota_zone, quota_action, quota_rate "
      "FROM credentials ORDER BY id",
      [&](const Statement& row) { return read(database, row); });
}

Outcome<std::int64_t> insert(Database& database, const CredentialRecord& one) {
  const auto inserted = write(
      database,
      "INSERT INTO credentials (name, password, enabled, in_use_from, in_use_till, whitelist, "
      "whitelist_mode, counter_row, connections, connections_per_source, new_per_second, upload, "
      "download, destinations, quota_bytes, quota_period, quota_zone, quota_action, quota_rate, "
      "proxy, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
      "?17, "
      "?18, ?19, ?20, nullif(?21, 0))",
      one, one.proxy, one.id);
  if (!inserted) return explain(one, inserted.error());
  return database.last_id();
}

Outcome<Done> update(Database& database, const CredentialRecord& one) {
  const auto updated = write(
      database,
      "UPDATE credentials SET name = ?1, password = ?2, enabled = ?3, in_use_from = ?4, "
      "in_use_till = ?5, whitelist = ?6, whitelist_mode = ?7, counter_row = ?8, connections = ?9, "
      "connections_per_source = ?10, new_per_second = ?11, upload = ?12, download = ?13, "
      "destinations = ?14, quota_bytes = ?15, quota_period = ?16, quota_zone = ?17, "
      "quota_action = ?18, quota_rate = ?19 WHERE id = ?20",
      one, one.id);
  if (!updated) return explain(one, updated.error());
  if (database.changes() > 0) return Done{};
  return Failure{Failure::Kind::kNotFound,
                 "There is no credential with the id " + std::to_string(one.id) + "."};
}

Outcome<Done> remove(Database& database, std::int64_t id) {
  auto removed = database.execute("DELETE FROM credentials WHERE id = ?1", id);
  if (!removed || database.changes() > 0) return removed;
  return Failure{Failure::Kind::kNotFound,
                 "There is no credential with the id " + std::to_string(id) + "."};
}

}  // namespace airlane::credentials
