#include "db/migrations.h"

#include "db/database.h"
#include "db/transaction.h"

namespace airlane {
namespace {

Failure newer(const Database& database, std::int64_t version) {
  return {Failure::Kind::kConflict,
          database.path() + " was written by a newer Airlane (schema " + std::to_string(version) +
              ", this one knows " + std::to_string(newest_schema()) +
              "); install the newer version, or restore a backup from before the upgrade. The "
              "file was left as it is."};
}

Outcome<Done> take(Database& database, const Migration& migration) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  if (auto ran = database.run_script(migration.script); !ran) return ran;
  const auto version = database.schema_version();
  if (!version) return version.error();
  if (*version != migration.version) {
    return Failure{Failure::Kind::kInternal, "Migration " + std::to_string(migration.version) +
                                                 " left schema " + std::to_string(*version) + "."};
  }
  return transaction->commit();
}

}  // namespace

int newest_schema() { return migrations().back().version; }

Outcome<Done> migrate(Database& database) {
  const auto version = database.schema_version();
  if (!version) return version.error();
  if (*version > newest_schema()) return newer(database, *version);
  for (const auto& migration : migrations()) {
    if (migration.version <= *version) continue;
    if (auto taken = take(database, migration); !taken) return taken;
  }
  return Done{};
}

}  // namespace airlane
