#include "db/database.h"

#include <sys/stat.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "db/create.h"
#include "db/failure.h"
#include "db/migrations.h"
#include "db/sealing.h"

namespace airlane {
namespace {

std::int64_t read_integer(const Statement& row) { return row.integer(0); }
std::string read_text(const Statement& row) { return row.text(0); }

}  // namespace

Outcome<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                  DatabaseOptions options) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) return cannot("open", path, errno);
    if (auto created = create_database(path); !created) return created.error();
  } else if (S_ISREG(found.st_mode) && found.st_size == 0) {
    return damaged(path, "it is empty");  // To SQLite it would be a new database.
  }
  return open_existing(path, std::move(options));
}

Outcome<std::unique_ptr<Database>> Database::open_existing(const std::string& path,
                                                           DatabaseOptions options) {
  sqlite3* handle = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, kFlags, nullptr);
  const auto patience = static_cast<int>(options.busy_timeout.count());
  std::unique_ptr<Database> database(new Database(path, handle, std::move(options)));
  if (handle == nullptr) throw std::bad_alloc();
  if (code != SQLITE_OK) return database->failed(code);
  sqlite3_busy_timeout(handle, patience);
  for (const auto step :
       {&Database::check_ours, &Database::check_integrity, &Database::configure}) {
    if (auto done = (database.get()->*step)(); !done) return done.error();
  }
  if (auto migrated = migrate(*database); !migrated) return migrated.error();
  if (auto taken = database->take_key(); !taken) return taken.error();
  return database;
}

// This and the next only read, so that what they refuse stays as it was.
Outcome<Done> Database::check_ours() {
  if (auto locked = execute("PRAGMA locking_mode = EXCLUSIVE"); !locked) return locked;
  if (sqlite3_db_readonly(handle_.get(), "main") == 1) return failed(SQLITE_READONLY);
  const auto owner = select_one<std::int64_t>("PRAGMA application_id", read_integer);
  if (!owner) return owner.error();
  if (**owner != kApplicationId) return damaged(path_, "it belongs to another program");
  const auto version = schema_version();
  if (!version) return version.error();
  if (*version < 1) return damaged(path_, "it has no schema");
  if (*version > newest_schema()) return migrate(*this);  // Which says so.
  return Done{};
}

Outcome<Done> Database::check_integrity() {
  struct stat file {};
  const bool whole = stat(path_.c_str(), &file) == 0 && file.st_size < options_.check_whole_below;
  const auto first_problem =
      whole ? select_one<std::string>("PRAGMA quick_check(1)", read_text)
            : select_one<std::string>(
                  "SELECT problem FROM (SELECT c.quick_check AS problem FROM sqlite_schema AS t, "
                  "pragma_quick_check(t.name) AS c WHERE t.type = 'table' "
                  "AND t.name NOT IN ('traffic_hours', 'traffic_minutes', 'traffic_days') "
                  "AND t.name NOT LIKE 'sqlite%') ORDER BY problem = 'ok'",
                  read_text);
  if (!first_problem) return first_problem.error();
  if (*first_problem && **first_problem != "ok") return damaged(path_, **first_problem);
  return Done{};
}

Outcome<Done> Database::configure() {
  const auto mode = select_one<std::string>("PRAGMA journal_mode = WAL", read_text);
  if (!mode) return mode.error();
  if (**mode != "wal") {
    return Failure{Failure::Kind::kUnavailable,
                   path_ + " lies on a file system without write-ahead logs (" + **mode +
                       "); move it to a local one."};
  }
  if (auto set = execute("PRAGMA synchronous = FULL"); !set) return set;
  return execute("PRAGMA foreign_keys = ON");
}

Outcome<Done> Database::take_key() {
  const auto sealed = select_one<std::int64_t>("SELECT count(*) FROM sealing", read_integer);
  if (!sealed) return sealed.error();
  if (!options_.key && **sealed == 0) return Done{};
  auto key = unlock(*this, options_.key);
  if (!key) return key.error();
  key_ = *std::move(key);
  return purge(*this);
}

std::string Database::seal(std::string_view secret, std::string_view purpose) const {
  return key_ ? key_->seal(secret, purpose) : std::string(secret);
}

Outcome<std::string> Database::unseal(const std::string& stored, std::string_view purpose) const {
  if (!key_) return stored;
  auto secret = key_->open(stored, purpose);
  if (!secret) return damaged(path_, "a secret in " + std::string(purpose) + " is not ours");
  return *std::move(secret);
}

Outcome<Statement> Database::prepare(Sql sql) {
  auto& idle = idle_[sql.text()];
  if (idle) return Statement(*this, sql, std::move(idle));
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_.get(), sql.text().data(), static_cast<int>(sql.text().size()),
                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (code != SQLITE_OK) return failed(code);
  return Statement(*this, sql, Statement::Prepared(prepared));
}

void Database::put_back(Sql sql, Statement::Prepared prepared) {
  idle_[sql.text()] = std::move(prepared);
}

Outcome<Done> Database::run_script(const char* script) {
  if (const auto* why = undone_by()) return *why;
  const int code = sqlite3_exec(handle_.get(), script, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(code);
  return Done{};
}

Outcome<std::int64_t> Database::schema_version() {
  const auto version = select_one<std::int64_t>("PRAGMA user_version", read_integer);
  if (!version) return version.error();
  return **version;
}

std::int64_t Database::last_id() const noexcept { return sqlite3_last_insert_rowid(handle_.get()); }

std::int64_t Database::changes() const noexcept { return sqlite3_changes64(handle_.get()); }

Failure Database::failed(int code) {
  auto failure = sqlite_failure(handle_.get(), code, path_);
  if (depth_ > 0 && autocommit() && !undone_by_) undone_by_ = failure;
  return failure;
}

bool Database::autocommit() const noexcept { return sqlite3_get_autocommit(handle_.get()) != 0; }

const Failure* Database::undone_by() const noexcept { return undone_by_ ? &*undone_by_ : nullptr; }

}  // namespace airlane
