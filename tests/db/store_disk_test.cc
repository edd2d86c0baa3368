// A disk that is full or fails: nothing aborts, nothing is half done, and the next write tries
// again.
#include <gmock/gmock.h>

#include "db/fold.h"
#include "db/store.h"
#include "tests/db/scratch.h"
#include "tests/support/full_disk.h"

namespace airlane::test {
namespace {

using ::testing::HasSubstr;

class StoreDiskTest : public ::testing::Test {
 protected:
  static auto insert(const std::string& name) {
    return [name](Database& database) { return users::insert(database, user(name)); };
  }
  std::size_t count() { return must(store_->wait(users::all)).size(); }
  [[nodiscard]] rlim_t log_size() const {
    return std::filesystem::file_size(scratch_.path("airlane.db-wal"));
  }

  Scratch scratch_;
  std::unique_ptr<Store> store_ = must(Store::open(scratch_.path()));
};

TEST_F(StoreDiskTest, ReportsACommitThatTheDiskRefusesAndWorksAgainAfterwards) {
  must(store_->wait(insert("alice")));
  {
    const FullDisk full(log_size());
    const auto refused = store_->wait(insert("bob"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Failure::Kind::kUnavailable);
    EXPECT_THAT(refused.error().text, HasSubstr("check the free space"));
    EXPECT_EQ(count(), 1u) << "reading goes on";
    EXPECT_FALSE(store_->wait(insert("bob")));
  }
  must(store_->wait(insert("bob")));
  EXPECT_EQ(count(), 2u);
  store_.reset();
  EXPECT_EQ(must(users::all(*open(scratch_))).size(), 2u);
}

TEST_F(StoreDiskTest, CountsEveryByteThatWasFoldedInVain) {
  Folder folder;
  std::uint64_t total = 0;
  const auto fold = [&](Database& database) {
    const FoldItem item{0, 0, 7, total, 2 * total};
    return folder.fold(database, 1, from_unix(60), {&item, 1});
  };
  total = 100;
  must(store_->wait(fold));
  {
    const FullDisk full(log_size());
    for (total = 200; total < 1000; total += 100) EXPECT_FALSE(store_->wait(fold));
  }
  must(store_->wait(fold));
  const auto counted = must(store_->wait([](Database& database) {
    return traffic::sum(database, 7, from_unix(0), from_unix(600), from_unix(600));
  }));
  EXPECT_EQ(counted, (Traffic{1000, 2000}));
}

// SQLITE_FULL comes in the middle of a transaction, and may end all of it.
TEST_F(StoreDiskTest, AnswersTruthfullyWhenOneOfManyWorksFillsTheDisk) {
  must(store_->wait([](Database& database) {
    return database.execute("PRAGMA max_page_count = 1");  // As many as there are now.
  }));
  Loop loop;
  std::size_t kept = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 60; ++i) {
    auto big = user(std::to_string(i));
    big.password_hash.assign(i % 3 == 2 ? 20'000 : 10, 'x');
    store_->write([big](Database& database) { return users::insert(database, big); },
                  [&](const Outcome<std::int64_t>& id) {
                    ++(id ? kept : refused);
                    if (!id) {
                      EXPECT_THAT(id.error().text, HasSubstr("is full"));
                    }
                  },
                  loop);
  }
  store_->flush();
  loop.post([&] { loop.stop(); });
  loop.run_forever();
  EXPECT_GE(refused, 20u);
  EXPECT_EQ(kept + refused, 60u);
  EXPECT_EQ(count(), kept);
  must(store_->wait(
      [](Database& database) { return database.execute("PRAGMA max_page_count = 1000000"); }));
  must(store_->wait(insert("alice")));
  EXPECT_EQ(count(), kept + 1);
}

}  // namespace
}  // namespace airlane::test
