#include "db/sealing.h"

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "db/transaction.h"

namespace airlane {
namespace {

constexpr std::string_view kKnownText = "airlane";
constexpr std::string_view kKnownPurpose = "sealing.verifier";

struct Secret {
  std::int64_t row = 0;
  std::string text;
};

Secret read_secret(const Statement& row) { return {row.integer(0), row.text(1)}; }

std::string read_text(const Statement& row) { return row.text(0); }

Outcome<Done> seal_column(Database& database, const SealingKey& key, std::string_view purpose,
                          Sql select, Sql update) {
  const auto secrets = database.select<Secret>(select, read_secret);
  if (!secrets) return secrets.error();
  for (const auto& secret : *secrets) {
    auto updated = database.execute(update, secret.row, key.seal(secret.text, purpose));
    if (!updated) return updated;
  }
  return Done{};
}

struct Option {
  std::int64_t dongle = 0;
  std::string key;
  std::string value;
};

Outcome<Done> seal_options(Database& database, const SealingKey& key) {
  const auto options = database.select<Option>(
      "SELECT dongle, key, value FROM dongle_options", [](const Statement& row) {
        return Option{row.integer(0), row.text(1), row.text(2)};
      });
  if (!options) return options.error();
  for (const auto& option : *options) {
    auto updated =
        database.execute("UPDATE dongle_options SET value = ?3 WHERE dongle = ?1 AND key = ?2",
                         option.dongle, option.key, key.seal(option.value, "dongle_options.value"));
    if (!updated) return updated;
  }
  return Done{};
}

Outcome<Done> seal_all(Database& database, const SealingKey& key) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  if (auto sealed = seal_column(database, key, "users.api_key", "SELECT id, api_key FROM users",
                                "UPDATE users SET api_key = ?2 WHERE id = ?1");
      !sealed) {
    return sealed;
  }
  if (auto sealed =
          seal_column(database, key, "proxies.password", "SELECT id, password FROM proxies",
                      "UPDATE proxies SET password = ?2 WHERE id = ?1");
      !sealed) {
    return sealed;
  }
  if (auto sealed =
          seal_column(database, key, "credentials.password", "SELECT id, password FROM credentials",
                      "UPDATE credentials SET password = ?2 WHERE id = ?1");
      !sealed) {
    return sealed;
  }
  if (auto sealed = seal_options(database, key); !sealed) return sealed;
  auto noted = database.execute("INSERT INTO sealing (id, verifier, clean) VALUES (1, ?1, 0)",
                                key.seal(kKnownText, kKnownPurpose));
  if (!noted) return noted;
  return transaction->commit();
}

Failure another_key(const Database& database) {
  return {Failure::Kind::kInvalid,
          "The passwords in " + database.path() +
              " are sealed with another key than the one that is configured; put back the key that "
              "belongs to this database. Nothing was changed."};
}

Outcome<Done> rewrite(Database& database) {
  // Also the free parts of a page are written, as zeros.
  if (auto set = database.execute("PRAGMA secure_delete = ON"); !set) return set;
  if (auto rewritten = database.execute("VACUUM"); !rewritten) return rewritten;
  const auto log = database.select_one<std::string>("PRAGMA wal_checkpoint(TRUNCATE)", read_text);
  if (!log) return log.error();
  if (**log == "0") return Done{};
  return Failure{Failure::Kind::kUnavailable, "the write-ahead log is in use"};
}

}  // namespace

Outcome<SealingKey> unlock(Database& database,
                           const std::function<Outcome<SealingKey>(bool sealed)>& ask) {
  const auto verifier =
      database.select_one<std::string>("SELECT verifier FROM sealing WHERE id = 1", read_text);
  if (!verifier) return verifier.error();
  const bool sealed = verifier->has_value();
  if (!ask) {
    return Failure{Failure::Kind::kInvalid,
                   "The passwords in " + database.path() + " are sealed; there is no key."};
  }
  auto key = ask(sealed);
  if (!key) return key;
  if (sealed) {
    if (key->open(**verifier, kKnownPurpose) != kKnownText) return another_key(database);
    return key;
  }
  if (auto done = seal_all(database, *key); !done) return done.error();
  return key;
}

Outcome<Done> purge(Database& database) {
  const auto clean =
      database.select_one<std::int64_t>("SELECT clean FROM sealing WHERE id = 1",
                                        [](const Statement& row) { return row.integer(0); });
  if (!clean) return clean.error();
  if (!*clean || **clean != 0) return Done{};
  auto rewritten = rewrite(database);
  if (auto set = database.execute("PRAGMA secure_delete = OFF"); !set) return set;
  if (!rewritten) {
    log::warning("The passwords in " + database.path() +
                 " are sealed, but what they were may still be between its rows: " +
                 rewritten.error().text + " The next start tries again to purge it.");
    return Done{};
  }
  return database.execute("UPDATE sealing SET clean = 1 WHERE id = 1");
}

}  // namespace airlane
