// Copies of the database while others use it.
#include "control/backups.h"

#include <gmock/gmock.h>

#include "db/users.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

using testing::HasSubstr;

class BackupsTest : public testing::Test {
 protected:
  static auto insert(const std::string& name) {
    return [name](Database& database) {
      UserRecord user;
      user.name = user.api_key = user.password_hash = name;
      return users::insert(database, user);
    };
  }
  void fill() {
    const auto filled = store_->wait([](Database& database) -> Outcome<Done> {
      if (auto made = database.run_script("CREATE TABLE filler (text TEXT)"); !made) return made;
      for (int i = 0; i < 600; ++i) {
        auto row = database.execute("INSERT INTO filler VALUES (?1)", std::string(10'000, 'x'));
        if (!row) return row;
      }
      return Done{};
    });
    ASSERT_TRUE(filled) << filled.error().text;
  }
  Outcome<Backups::Made> make(const std::string& path) {
    return answer<Backups::Made>(loop_, [&](auto then) { backups_->make(path, std::move(then)); });
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::unique_ptr<Backups> backups_ = std::make_unique<Backups>(loop_, *store_);
};

TEST_F(BackupsTest, AreDatabasesThatOpen) {
  ASSERT_TRUE(store_->wait(insert("alice")));
  const auto made = make(folder_.file("copy.db"));
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->path, folder_.file("copy.db"));
  EXPECT_EQ(static_cast<std::uintmax_t>(made->bytes),
            std::filesystem::file_size(folder_.file("copy.db")));
  const auto copy = Database::open(folder_.file("copy.db"));
  ASSERT_TRUE(copy) << copy.error().text;
  EXPECT_EQ((*users::all(**copy)).size(), 1U);
}

TEST_F(BackupsTest, LetOthersWriteBetweenTheirSteps) {
  fill();
  std::vector<std::string> order;
  std::optional<Outcome<Backups::Made>> made;
  backups_->make(folder_.file("copy.db"), [&](auto outcome) {
    order.emplace_back("backup");
    made = std::move(outcome);
  });
  store_->write(
      insert("bob"), [&](const auto&) { order.emplace_back("bob"); }, loop_);
  ASSERT_TRUE(run_until(loop_, [&] { return order.size() == 2; }));
  ASSERT_TRUE(*made) << made->error().text;
  EXPECT_EQ(order, (std::vector<std::string>{"bob", "backup"}));
  const auto copy = Database::open(folder_.file("copy.db"));
  ASSERT_TRUE(copy);
  EXPECT_EQ((*users::all(**copy)).size(), 1U) << "it is the state at the end";
}

TEST_F(BackupsTest, AreMadeOneAtATimeAndReplaceNothing) {
  fill();
  std::optional<Outcome<Backups::Made>> first;
  backups_->make(folder_.file("copy.db"), [&](auto outcome) { first = std::move(outcome); });
  const auto second = make(folder_.file("other.db"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Failure::Kind::kConflict);
  ASSERT_TRUE(run_until(loop_, [&] { return first.has_value(); }));
  ASSERT_TRUE(*first);
  const auto again = make(folder_.file("copy.db"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Failure::Kind::kConflict);
  EXPECT_THAT(again.error().text, HasSubstr("copy.db already"));
  EXPECT_TRUE(make(folder_.file("other.db"))) << "a failure is the end of it";
}

TEST_F(BackupsTest, AreNamedByTheirWholePath) {
  for (const auto& path :
       {std::string("copy.db"), std::string(), std::string("/tmp/"), std::string("/tmp/a\0b", 8)}) {
    const auto refused = make(path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Failure::Kind::kInvalid);
  }
}

TEST_F(BackupsTest, ThatDoNotEndLeaveNothing) {
  fill();
  bool answered = false;
  backups_->make(folder_.file("copy.db"), [&](const auto&) { answered = true; });
  store_->flush();  // The first step is done.
  backups_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.file("."))) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("copy.db")) << entry.path();
  }
  store_.reset();
  EXPECT_TRUE(Database::open(folder_.file("airlane.db"))) << "nothing holds it";
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace airlane::test
