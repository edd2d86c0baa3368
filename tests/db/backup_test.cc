// A copy of a database that is in use.
#include "db/backup.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "db/database.h"
#include "db/users.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::size_t files_in(const Scratch& scratch) {
  const auto folder = std::filesystem::path(scratch.path()).parent_path();
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

std::vector<std::string> names_in(Database& database) {
  std::vector<std::string> names;
  for (const auto& row : must(users::all(database))) names.push_back(row.name);
  return names;
}

// More pages than a step takes.
void fill(Database& database) {
  must(database.run_script("CREATE TABLE filler (text TEXT)"));
  for (int i = 0; i < 100; ++i) {
    must(database.execute("INSERT INTO filler VALUES (?1)", std::string(10'000, 'x')));
  }
}

int finish(Backup& backup, int pages) {
  int steps = 1;
  while (must(backup.step(pages))) ++steps;
  return steps;
}

TEST(Backup, IsADatabaseThatOpens) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(users::insert(*database, user("alice")));
  const auto backup = must(Backup::begin(*database, scratch.path("copy.db")));
  finish(*backup, 256);
  const auto copy = must(Database::open(scratch.path("copy.db")));
  EXPECT_THAT(names_in(*copy), ElementsAre("alice"));
  struct stat file {};
  ASSERT_EQ(::stat(scratch.path("copy.db").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_EQ(file.st_size, backup->bytes());
}

TEST(Backup, HoldsWhatIsWrittenBetweenItsSteps) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(users::insert(*database, user("alice")));
  fill(*database);
  const auto backup = must(Backup::begin(*database, scratch.path("copy.db")));
  ASSERT_TRUE(must(backup->step(10)));
  must(users::insert(*database, user("bob")));  // On pages that are copied already.
  must(database->execute("UPDATE filler SET text = 'y' WHERE rowid = 100"));
  EXPECT_GT(finish(*backup, 10), 10) << "it is done step by step";
  const auto copy = must(Database::open(scratch.path("copy.db")));
  EXPECT_THAT(names_in(*copy), ElementsAre("alice", "bob"));
  EXPECT_EQ(must(copy->select_one<std::string>("SELECT text FROM filler WHERE rowid = 100",
                                               [](const Statement& row) { return row.text(0); })),
            "y");
  EXPECT_EQ(must(copy->select_one<std::string>("PRAGMA integrity_check",
                                               [](const Statement& row) { return row.text(0); })),
            "ok");
}

TEST(Backup, ReplacesNothing) {
  const Scratch scratch;
  const auto database = open(scratch);
  std::ofstream(scratch.path("copy.db")) << "precious";
  const auto refused = Backup::begin(*database, scratch.path("copy.db"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::Kind::kConflict);

  const auto late = must(Backup::begin(*database, scratch.path("late.db")));
  std::ofstream(scratch.path("late.db")) << "precious";
  const auto lost = late->step(1000);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, Failure::Kind::kConflict);
  for (const char* name : {"copy.db", "late.db"}) {
    std::ifstream file(scratch.path(name));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
  }
}

TEST(Backup, ThatIsGivenUpLeavesNothing) {
  const Scratch scratch;
  const auto database = open(scratch);
  fill(*database);
  const auto before = files_in(scratch);
  {
    const auto backup = must(Backup::begin(*database, scratch.path("copy.db")));
    ASSERT_TRUE(must(backup->step(10)));
    EXPECT_FALSE(std::filesystem::exists(scratch.path("copy.db"))) << "it is not whole";
    EXPECT_EQ(files_in(scratch), before + 1);
  }
  EXPECT_EQ(files_in(scratch), before);
}

TEST(Backup, SaysWhyItCannotBegin) {
  const Scratch scratch;
  const auto database = open(scratch);
  const auto refused = Backup::begin(*database, scratch.path("nowhere/copy.db"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::Kind::kUnavailable);
  EXPECT_THAT(refused.error().text, HasSubstr("nowhere/copy.db: No such file or directory"));
}

}  // namespace
}  // namespace airlane::test
