// Which files are opened, and what becomes of those that are not.
#include "db/database.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Runs `script` behind the back of Database.
void tamper(const std::string& path, const char* script) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, script, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
}

void expect_refused_and_kept(const std::string& path, Failure::Kind kind, const char* why) {
  const auto before = contents(path);
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, kind);
  EXPECT_THAT(opened.error().text, AllOf(HasSubstr(path), HasSubstr(why)));
  EXPECT_TRUE(contents(path) == before) << "the file was changed";
}

std::string text(const Statement& row) { return row.text(0); }
std::int64_t number(const Statement& row) { return row.integer(0); }

TEST(Database, IsMadeForItsOwnerOnlyAndWithoutLeftovers) {
  const Scratch scratch;
  open(scratch).reset();
  struct stat file {};
  ASSERT_EQ(stat(scratch.path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(scratch.path("airlane.db.new")));
  EXPECT_FALSE(std::filesystem::exists(scratch.path("airlane.db-wal")));
}

TEST(Database, IsDurableAndCheckedAndNeedsNoSharedMemory) {
  const Scratch scratch;
  const auto database = open(scratch);
  EXPECT_EQ(must(database->select_one<std::string>("PRAGMA journal_mode", text)), "wal");
  EXPECT_EQ(must(database->select_one<std::int64_t>("PRAGMA synchronous", number)), 2);
  EXPECT_EQ(must(database->select_one<std::int64_t>("PRAGMA foreign_keys", number)), 1);
  must(users::insert(*database, user("alice")));
  EXPECT_FALSE(std::filesystem::exists(scratch.path("airlane.db-shm")));
}

TEST(Database, KeepsWhatWasWrittenAcrossARestart) {
  const Scratch scratch;
  must(users::insert(*open(scratch), user("alice")));
  EXPECT_EQ(must(users::all(*open(scratch))).size(), 1u);
}

TEST(Database, IsMadeAgainAfterACrashDuringItsCreation) {
  const Scratch scratch;
  std::ofstream(scratch.path("airlane.db.new")) << "half a database";
  EXPECT_TRUE(must(users::all(*open(scratch))).empty());
}

TEST(Database, RefusesASecondProcess) {
  const Scratch scratch;
  const auto first = open(scratch);
  const auto second =
      Database::open(scratch.path(), {.busy_timeout = std::chrono::milliseconds(0)});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Failure::Kind::kUnavailable);
  EXPECT_THAT(second.error().text, HasSubstr("in use by another process"));
}

TEST(Database, RefusesGarbage) {
  const Scratch scratch;
  std::ofstream(scratch.path()) << std::string(8192, 'x');
  expect_refused_and_kept(scratch.path(), Failure::Kind::kInternal, "restore a backup");
}

TEST(Database, RefusesAnEmptyFile) {
  const Scratch scratch;
  std::ofstream(scratch.path()).flush();
  expect_refused_and_kept(scratch.path(), Failure::Kind::kInternal, "it is empty");
}

TEST(Database, RefusesATruncatedFile) {
  const Scratch scratch;
  open(scratch).reset();
  std::filesystem::resize_file(scratch.path(), std::filesystem::file_size(scratch.path()) / 2);
  expect_refused_and_kept(scratch.path(), Failure::Kind::kInternal, "is damaged");
}

void overwrite_the_middle(const std::string& path) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(2 * 4096);
  file << std::string(3 * 4096, '\x5a');
}

TEST(Database, RefusesAFileWithRandomBytesInItsMiddle) {
  const Scratch scratch;
  open(scratch).reset();
  overwrite_the_middle(scratch.path());
  expect_refused_and_kept(scratch.path(), Failure::Kind::kInternal, "is damaged");
}

TEST(Database, RefusesABigFileWithDamageInATableItCannotDoWithout) {
  const Scratch scratch;
  const DatabaseOptions big{.check_whole_below = 0};
  must(Database::open(scratch.path(), big)).reset();
  must(Database::open(scratch.path(), big)).reset();
  overwrite_the_middle(scratch.path());
  const auto opened = Database::open(scratch.path(), big);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("is damaged"));
}

TEST(Database, RefusesTheDatabaseOfAnotherProgram) {
  const Scratch scratch;
  tamper(scratch.path(), "CREATE TABLE bookmarks (url)");
  expect_refused_and_kept(scratch.path(), Failure::Kind::kInternal, "another program");
}

TEST(Database, RefusesANewerSchema) {
  const Scratch scratch;
  open(scratch).reset();
  tamper(scratch.path(), "PRAGMA user_version = 4711");
  expect_refused_and_kept(scratch.path(), Failure::Kind::kConflict, "schema 4711");
}

TEST(Database, RefusesALogWithoutItsDatabase) {
  const Scratch scratch;
  std::ofstream(scratch.path("airlane.db-wal")) << "what is left";
  const auto opened = Database::open(scratch.path());
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("restore a backup"));
  EXPECT_FALSE(std::filesystem::exists(scratch.path()));
}

TEST(Database, SaysThatTheFolderIsMissing) {
  const Scratch scratch;
  const auto opened = Database::open(scratch.path("nowhere/airlane.db"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Failure::Kind::kUnavailable);
  EXPECT_THAT(opened.error().text, HasSubstr("No such file or directory"));
}

TEST(Statement, MayBeInUseTwiceAtOnce) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(users::insert(*database, user("alice")));
  must(users::insert(*database, user("bob")));
  const auto counts = must(database->select<std::size_t>(
      "SELECT id, name, password_hash, api_key, admin, created FROM users ORDER BY id",
      [&](const Statement&) { return must(users::all(*database)).size(); }));
  EXPECT_EQ(counts, (std::vector<std::size_t>{2, 2}));
}

}  // namespace
}  // namespace airlane::test
