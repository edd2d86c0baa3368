// One open SQLite file, and the only way to it.
//
// Opened with suspicion: a file that is empty, damaged, not ours or written by a newer Airlane is
// refused with a sentence and kept as it is; nothing is ever created over it. A missing file is
// made whole beside its place and then renamed into it, readable by its owner only.
//
// WAL with synchronous=FULL: what was committed survives a power cut. The file is locked for as
// long as it is open (locking_mode=EXCLUSIVE): two servers cannot count the same bytes twice, and
// without other readers SQLite needs no shared memory, whose pages would be a SIGBUS on a full
// disk. A copy of a running server's database is made by that server: db/backup.h.
//
// Secrets that must be read again are sealed with a key from elsewhere; see sealing.h.
//
// Belongs to one thread at a time (the store's). Nothing here throws but bad_alloc.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "base/tls/sealing.h"
#include "db/statement.h"

namespace airlane {

struct DatabaseOptions {
  // How long a predecessor that is about to end may keep the file.
  std::chrono::milliseconds busy_timeout{5000};
  // A check reads every page. In a file of this size or more only the tables that we cannot do
  // without are checked at the start: `traffic` grows by megabytes a year per busy proxy.
  std::int64_t check_whole_below = 256 << 20;
  // The key that secrets are sealed with, asked for once while opening. With `sealed` there are
  // such already, and only the key that sealed them is of use. Null: for tests of other things;
  // secrets stay as they are, and a database that has sealed ones is refused.
  std::function<Outcome<SealingKey>(bool sealed)> key{};
};

class Database {
 public:
  // Opens, checks and migrates.
  static Outcome<std::unique_ptr<Database>> open(const std::string& path,
                                                 DatabaseOptions options = {});
  Database(Database&&) = delete;  // Statements and transactions point here.

  // Runs a statement that has no rows.
  template <class... Values>
  Outcome<Done> execute(Sql sql, const Values&... values) {
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    statement->bind(values...);
    if (const auto ran = statement->step(); !ran) return ran.error();
    return Done{};
  }

  // All rows, each made into a T by `read(const Statement&)`, which answers a T or an Outcome<T>.
  template <class T, class Read, class... Values>
  Outcome<std::vector<T>> select(Sql sql, Read read, const Values&... values);
  // The first row, if there is one.
  template <class T, class Read, class... Values>
  Outcome<std::optional<T>> select_one(Sql sql, Read read, const Values&... values);

  Outcome<Statement> prepare(Sql sql);
  // Many statements at once, none with a value: for migrations.
  Outcome<Done> run_script(const char* script);

  // For what has to be read again: see sealing.h. `purpose` is "table.column". What cannot be
  // opened makes the database a damaged one.
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view purpose) const;
  [[nodiscard]] Outcome<std::string> unseal(const std::string& stored,
                                            std::string_view purpose) const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  Outcome<std::int64_t> schema_version();
  [[nodiscard]] std::int64_t last_id() const noexcept;  // Of the last INSERT.
  [[nodiscard]] std::int64_t changes() const noexcept;  // Rows that the last statement touched.
  // How often something was rolled back, by anyone, also half of something. Whoever remembers what
  // it wrote compares this to know whether that still holds.
  [[nodiscard]] std::uint64_t rollbacks() const noexcept { return rollbacks_; }

 private:
  friend class Backup;
  friend class Statement;
  friend class Transaction;
  friend Outcome<Done> create_database(const std::string& path);

  Database(std::string path, sqlite3* handle, DatabaseOptions options)
      : path_(std::move(path)), options_(std::move(options)), handle_(handle) {}
  static Outcome<std::unique_ptr<Database>> open_existing(const std::string& path,
                                                          DatabaseOptions options);
  Outcome<Done> check_ours();
  Outcome<Done> check_integrity();
  Outcome<Done> configure();
  Outcome<Done> take_key();

  Failure failed(int code);
  [[nodiscard]] bool autocommit() const noexcept;
  // A full or failing disk can make SQLite undo a whole transaction under a single statement. What
  // then follows must not run on its own: it gets the same failure until the transaction is ended.
  [[nodiscard]] const Failure* undone_by() const noexcept;
  void put_back(Sql sql, Statement::Prepared prepared);

  const std::string path_;
  const DatabaseOptions options_;
  Handle<sqlite3, sqlite3_close_v2> handle_;
  std::unordered_map<std::string_view, Statement::Prepared> idle_;  // By text. Before handle_ goes.
  int depth_ = 0;  // Open transactions, savepoints included.
  std::optional<Failure> undone_by_;
  std::optional<SealingKey> key_;
  std::uint64_t rollbacks_ = 0;
};

template <class T, class Read, class... Values>
Outcome<std::vector<T>> Database::select(Sql sql, Read read, const Values&... values) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  statement->bind(values...);
  std::vector<T> rows;
  for (;;) {
    const auto more = statement->step();
    if (!more) return more.error();
    if (!*more) return rows;
    Outcome<T> row = read(std::as_const(*statement));
    if (!row) return row.error();
    rows.push_back(*std::move(row));
  }
}

template <class T, class Read, class... Values>
Outcome<std::optional<T>> Database::select_one(Sql sql, Read read, const Values&... values) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  statement->bind(values...);
  const auto more = statement->step();
  if (!more) return more.error();
  if (!*more) return std::optional<T>();
  Outcome<T> row = read(std::as_const(*statement));
  if (!row) return row.error();
  return std::optional<T>(*std::move(row));
}

}  // namespace airlane
