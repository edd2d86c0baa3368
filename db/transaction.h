// All or nothing: what is done to a database between `begin` and `commit`.
//
// Rolled back on destruction unless committed. Inside another one it is a savepoint: its rollback
// undoes its own part only, and its commit holds when the outermost one commits. Transactions end
// in the reverse order of their beginning, as local variables do.
//
// A disk that is full or fails can make SQLite undo the outermost transaction under any statement.
// Then every later statement and commit of it fails with that same failure.
#pragma once

#include "base/result.h"

namespace airlane {

class Database;

class Transaction {
 public:
  static Outcome<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // The transaction is over afterwards, either way: a failure has undone it.
  Outcome<Done> commit();

  // SQLite has undone it already; see above.
  [[nodiscard]] bool undone() const noexcept;

 private:
  explicit Transaction(Database& database) noexcept : database_(&database) {}
  void roll_back() noexcept;

  Database* database_;  // Null when it is over, or after a move.
};

}  // namespace airlane
