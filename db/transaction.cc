#include "db/transaction.h"

#include <utility>

#include "db/database.h"

namespace airlane {

// Savepoints may share a name: RELEASE and ROLLBACK TO mean the innermost one.
Outcome<Transaction> Transaction::begin(Database& database) {
  auto begun = database.depth_ == 0 ? database.execute("BEGIN IMMEDIATE")
                                    : database.execute("SAVEPOINT nested");
  if (!begun) return begun.error();
  ++database.depth_;
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr) roll_back();
}

Outcome<Done> Transaction::commit() {
  auto committed =
      database_->depth_ == 1 ? database_->execute("COMMIT") : database_->execute("RELEASE nested");
  if (!committed) {
    roll_back();
    return committed;
  }
  --database_->depth_;
  database_ = nullptr;
  return committed;
}

bool Transaction::undone() const noexcept { return database_->undone_by() != nullptr; }

void Transaction::roll_back() noexcept {
  Database& database = *std::exchange(database_, nullptr);
  ++database.rollbacks_;
  const char* script = database.depth_ == 1 ? "ROLLBACK" : "ROLLBACK TO nested; RELEASE nested";
  if (!database.autocommit()) {
    // What cannot be undone in part is undone as a whole: it must not be committed by the others.
    if (auto undone = database.run_script(script); !undone && !database.autocommit()) {
      static_cast<void>(database.run_script("ROLLBACK"));
      if (!database.undone_by_) database.undone_by_ = undone.error();
    }
  }
  if (--database.depth_ == 0) database.undone_by_.reset();
}

}  // namespace airlane
