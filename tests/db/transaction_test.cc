#include "db/transaction.h"

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

class TransactionTest : public ::testing::Test {
 protected:
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& user : must(users::all(*database_))) found.push_back(user.name);
    return found;
  }
  void add(const char* name) { must(users::insert(*database_, user(name))); }

  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
};

using Names = std::vector<std::string>;

TEST_F(TransactionTest, IsUndoneUnlessCommitted) {
  {
    const auto transaction = must(Transaction::begin(*database_));
    add("alice");
  }
  EXPECT_EQ(names(), Names{});
  EXPECT_EQ(database_->rollbacks(), 1u);
}

TEST_F(TransactionTest, StaysWhenCommitted) {
  auto transaction = must(Transaction::begin(*database_));
  add("alice");
  must(transaction.commit());
  EXPECT_EQ(names(), Names{"alice"});
  EXPECT_EQ(database_->rollbacks(), 0u);
}

TEST_F(TransactionTest, UndoesAnInnerOneWithoutItself) {
  auto outer = must(Transaction::begin(*database_));
  add("alice");
  {
    const auto inner = must(Transaction::begin(*database_));
    add("bob");
  }
  add("carol");
  must(outer.commit());
  EXPECT_EQ(names(), (Names{"alice", "carol"}));
}

TEST_F(TransactionTest, UndoesACommittedInnerOneWithItself) {
  {
    auto outer = must(Transaction::begin(*database_));
    auto inner = must(Transaction::begin(*database_));
    add("alice");
    must(inner.commit());
  }
  EXPECT_EQ(names(), Names{});
}

TEST_F(TransactionTest, IsUndoneWhenItsCommitFails) {
  {
    auto transaction = must(Transaction::begin(*database_));
    must(database_->execute("PRAGMA defer_foreign_keys = ON"));
    add("alice");
    must(database_->execute("INSERT INTO sessions VALUES ('token', 4711, 0, 0)"));
    const auto committed = transaction.commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().kind, Failure::Kind::kConflict);
  }
  EXPECT_EQ(names(), Names{});
  add("bob");
  EXPECT_EQ(names(), Names{"bob"});
}

// SQLite may undo a transaction by itself when the disk fails; here somebody does it for SQLite.
TEST_F(TransactionTest, LetsNothingRunOnItsOwnAfterSqliteUndidIt) {
  {
    auto transaction = must(Transaction::begin(*database_));
    add("alice");
    ASSERT_FALSE(database_->execute("INSERT OR ROLLBACK INTO users SELECT * FROM users"));
    EXPECT_TRUE(transaction.undone());
    EXPECT_FALSE(users::insert(*database_, user("bob")));
    EXPECT_FALSE(Transaction::begin(*database_));
    EXPECT_FALSE(transaction.commit());
  }
  add("carol");
  EXPECT_EQ(names(), Names{"carol"});
}

}  // namespace
}  // namespace airlane::test
