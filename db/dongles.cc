#include "db/dongles.h"

#include "db/database.h"
#include "db/failure.h"
#include "db/transaction.h"

namespace airlane::dongles {
namespace {

constexpr std::string_view kOptionValue = "dongle_options.value";  // A modem's password, say.

std::int64_t count(const Statement& row) { return row.integer(0); }
std::string name_of(const Statement& row) { return row.text(0); }

Outcome<DongleRecord> read(Database& database, const Statement& row) {
  DongleRecord dongle{.id = row.integer(0),
                      .name = row.text(1),
                      .interface = row.text(2),
                      .driver = row.text(3),
                      .gateway = std::nullopt,
                      .isp = row.text(5),
                      .created = row.time(6),
                      .dns = {},
                      .options = {}};
  if (const auto gateway = row.optional_text(4)) {
    dongle.gateway = Address::parse(*gateway);
    if (!dongle.gateway) return damaged(database.path(), "gateway of dongle " + dongle.name);
  }
  return dongle;
}

Outcome<Done> read_dns(Database& database, DongleRecord& dongle) {
  auto dns = database.select<Address>(
      "SELECT address FROM dongle_dns WHERE dongle = ?1 ORDER BY position",
      [&](const Statement& row) -> Outcome<Address> {
        if (const auto address = Address::parse_with_port(row.text(0))) return *address;
        return damaged(database.path(), "DNS server of dongle " + dongle.name);
      },
      dongle.id);
  if (!dns) return dns.error();
  dongle.dns = *std::move(dns);
  return Done{};
}

Outcome<Done> read_options(Database& database, DongleRecord& dongle) {
  const auto read = database.select<Done>(
      "SELECT key, value FROM dongle_options WHERE dongle = ?1",
      [&](const Statement& row) -> Outcome<Done> {
        auto value = database.unseal(row.text(1), kOptionValue);
        if (!value) return value.error();
        dongle.options.emplace(row.text(0), *std::move(value));
        return Done{};
      },
      dongle.id);
  if (!read) return read.error();
  return Done{};
}

Outcome<Done> write_lists(Database& database, const DongleRecord& dongle, std::int64_t id) {
  std::int64_t position = 0;
  for (const auto& address : dongle.dns) {
    if (auto done = database.execute("INSERT INTO dongle_dns VALUES (?1, ?2, ?3)", id, position++,
                                     address.to_string());
        !done) {
      return done;
    }
  }
  for (const auto& [key, value] : dongle.options) {
    if (auto done = database.execute("INSERT INTO dongle_options VALUES (?1, ?2, ?3)", id, key,
                                     database.seal(value, kOptionValue));
        !done) {
      return done;
    }
  }
  return Done{};
}

Outcome<Done> clear_lists(Database& database, std::int64_t id) {
  if (auto done = database.execute("DELETE FROM dongle_dns WHERE dongle = ?1", id); !done) {
    return done;
  }
  return database.execute("DELETE FROM dongle_options WHERE dongle = ?1", id);
}

std::optional<std::string> text_of(const std::optional<Address>& gateway) {
  if (!gateway) return std::nullopt;
  return gateway->ip();
}

Failure no_such(std::int64_t id) {
  return {Failure::Kind::kNotFound, "There is no dongle with the id " + std::to_string(id) + "."};
}

// The sentence for a constraint that `dongle` violates; any other failure stays as it is.
Failure explain(Database& database, const DongleRecord& dongle, std::int64_t id,
                const Failure& failure) {
  if (failure.kind != Failure::Kind::kConflict) return failure;
  const auto holder = database.select_one<std::string>(
      "SELECT name FROM dongles WHERE interface = ?1 AND id <> ?2", name_of, dongle.interface, id);
  if (holder && *holder && **holder != dongle.name) {
    return {failure.kind,
            "Interface " + dongle.interface + " already belongs to dongle " + **holder + "."};
  }
  return {failure.kind, "There is already a dongle " + dongle.name + "."};
}

}  // namespace

Outcome<std::vector<DongleRecord>> all(Database& database) {
  auto dongles = database.select<DongleRecord>(
      "SELECT id, name, interface, driver, gateway, isp, created FROM dongles ORDER BY id",
      [&](const Statement& row) { return read(database, row); });
  if (!dongles) return dongles;
  for (auto& dongle : *dongles) {
    if (auto done = read_dns(database, dongle); !done) return done.error();
    if (auto done = read_options(database, dongle); !done) return done.error();
  }
  return dongles;
}

Outcome<std::int64_t> insert(Database& database, const DongleRecord& dongle) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto inserted = database.execute(
      "INSERT INTO dongles (name, interface, driver, gateway, isp, created) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      dongle.name, dongle.interface, dongle.driver, text_of(dongle.gateway), dongle.isp,
      dongle.created);
  if (!inserted) return explain(database, dongle, 0, inserted.error());
  const auto id = database.last_id();
  if (auto written = write_lists(database, dongle, id); !written) return written.error();
  if (auto committed = transaction->commit(); !committed) return committed.error();
  return id;
}

Outcome<Done> update(Database& database, const DongleRecord& dongle) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto updated = database.execute(
      "UPDATE dongles SET name = ?2, interface = ?3, driver = ?4, gateway = ?5, isp = ?6 "
      "WHERE id = ?1",
      dongle.id, dongle.name, dongle.interface, dongle.driver, text_of(dongle.gateway), dongle.isp);
  if (!updated) return explain(database, dongle, dongle.id, updated.error());
  if (database.changes() == 0) return no_such(dongle.id);
  if (auto cleared = clear_lists(database, dongle.id); !cleared) return cleared;
  if (auto written = write_lists(database, dongle, dongle.id); !written) return written;
  return transaction->commit();
}

Outcome<Done> remove(Database& database, std::int64_t id) {
  auto removed = database.execute("DELETE FROM dongles WHERE id = ?1", id);
  if (removed && database.changes() == 0) return no_such(id);
  if (removed || removed.error().kind != Failure::Kind::kConflict) return removed;
  const auto used = database.select_one<std::int64_t>(
      "SELECT count(*) FROM proxies WHERE dongle = ?1", count, id);
  if (!used) return used.error();
  return Failure{Failure::Kind::kConflict,
                 "The dongle is still used by " + std::to_string(**used) +
                     (**used == 1 ? " proxy; remove it first." : " proxies; remove them first.")};
}

}  // namespace airlane::dongles
