// Everything at once, out of one database and into another.
#include "db/contents.h"

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

// One of everything. The ids of users and dongles hold in it only.
Contents one_of_each() {
  Contents all;
  all.users = {user("alice")};
  all.users[0].id = 77;
  all.keys = {{.id = 0,
               .user = 77,
               .name = "ci",
               .key_hash = "hash",
               .scopes = "read",
               .created = from_unix(1'700'000'000),
               .expires = {},
               .last_used = {}}};
  all.dongles = {dongle("ten", "wwan0")};
  all.dongles[0].id = 88;
  all.rotations = {{88, from_unix(1'700'000'000)}};
  all.proxies = {proxy(77, 88, 20001)};
  all.proxies[0].id = 9042;
  CredentialRecord guest;
  guest.id = 5;
  guest.proxy = 9042;
  guest.name = "guest";
  guest.counter_row = 3;
  all.credentials = {guest};
  all.links = {{9042, "token", from_unix(1'700'000'000)}};
  all.schedules = {{9042, from_unix(1'800'000'000), std::nullopt}};
  all.days = {{-5, from_unix(86'400 * 20'000), {1, 2}}, {9042, from_unix(86'400 * 20'000), {3, 4}}};
  all.hours = {{9042, from_unix(3600 * 490'000), {5, 6}}};
  all.minutes = {{9042, from_unix(60 * 29'400'060), {7, 8}}};
  return all;
}

TEST(Contents, ComeOutOfADatabaseAsTheyWereInserted) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(users::insert(*database, user("bob")));
  const auto stored = must(contents::insert(*database, one_of_each()));
  EXPECT_EQ(stored.proxies[0].id, 9042);
  EXPECT_EQ(stored.credentials[0].id, 5);
  EXPECT_EQ(stored.proxies[0].user, 2) << "bob has the first id";
  auto read = must(contents::read(*database, true));
  EXPECT_EQ(read.users.size(), 2U);
  read.users.erase(read.users.begin());
  EXPECT_EQ(read, stored);
  EXPECT_TRUE(must(contents::read(*database, false)).hours.empty());
}

TEST(Contents, OfWhichOneIsThereAlreadyLeaveNothing) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(contents::insert(*database, one_of_each()));
  auto again = one_of_each();
  again.users[0] = user("carol");
  again.users[0].id = 77;
  again.keys[0].key_hash = "other";
  again.dongles[0].name = again.dongles[0].interface = "other";
  again.proxies[0].port = 20002;
  again.proxies[0].counter_row = 20002;
  const auto refused = contents::insert(*database, again);  // The proxy's id is taken.
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::Kind::kConflict);
  EXPECT_EQ(must(contents::read(*database, true)).users.size(), 1U);
}

TEST(Contents, ThatAreTakenBackLeaveNothing) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(users::insert(*database, user("bob")));
  const auto stored = must(contents::insert(*database, one_of_each()));
  must(contents::remove(*database, stored));
  const auto left = must(contents::read(*database, true));
  EXPECT_EQ(left.users.size(), 1U);
  EXPECT_TRUE(left.dongles.empty());
  EXPECT_TRUE(left.keys.empty());
  const auto count = [](const Statement& row) { return row.integer(0); };
  EXPECT_EQ(must(database->select_one<std::int64_t>(
                "SELECT (SELECT count(*) FROM traffic_days) + (SELECT count(*) FROM traffic_hours) "
                "+ (SELECT count(*) FROM traffic_recent) + (SELECT count(*) FROM credentials)",
                count)),
            0);
}

TEST(Contents, TakeThePlaceOfTheTrafficOfARemovedProxy) {
  const Scratch scratch;
  const auto database = open(scratch);
  must(contents::insert(*database, one_of_each()));
  must(proxies::remove(*database, 9042));
  must(dongles::remove(*database, 1));
  must(users::remove(*database, 1));
  must(contents::insert(*database, one_of_each()));
  EXPECT_EQ(must(contents::read(*database, true)).hours, one_of_each().hours);
}

}  // namespace
}  // namespace airlane::test
