#include "db/migrations.h"

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

TEST(Migrations, AreNumberedFromOne) {
  int expected = 0;
  for (const auto& migration : migrations()) EXPECT_EQ(migration.version, ++expected);
  EXPECT_EQ(newest_schema(), expected);
}

TEST(Migrations, BringAnEmptyDatabaseToTheNewestSchema) {
  const Scratch scratch;
  EXPECT_EQ(must(open(scratch)->schema_version()), newest_schema());
}

TEST(Migrations, ChangeNothingTheSecondTime) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(users::insert(*database, user("alice")));
  must(migrate(*database));
  EXPECT_EQ(must(users::all(*database)).size(), 1u);
}

TEST(Migrations, MakeEveryTableStrict) {
  const Scratch scratch;
  const auto lenient = must(open(scratch)->select<std::string>(
      "SELECT name FROM pragma_table_list "
      "WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'",
      [](const Statement& row) { return row.text(0); }));
  EXPECT_EQ(lenient, std::vector<std::string>{});
}

}  // namespace
}  // namespace airlane::test
