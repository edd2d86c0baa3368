// Secrets at rest: what is in the file, and which key opens it.
#include "db/sealing.h"

#include "db/backup.h"
#include "db/credentials.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

const SealingKey kKey = *SealingKey::from_hex(std::string(64, 'a'));

class Sealed : public ::testing::Test {
 protected:
  Outcome<std::unique_ptr<Database>> try_to_open(const SealingKey& key) {
    return Database::open(scratch_.path(), {.busy_timeout = std::chrono::milliseconds(0),
                                            .key = [this, key](bool sealed) -> Outcome<SealingKey> {
                                              asked_.push_back(sealed);
                                              return key;
                                            }});
  }
  std::unique_ptr<Database> open_sealed() { return must(try_to_open(kKey)); }

  static void fill(Database& database) {
    auto alice = user("alice");
    alice.api_key = "alices-own-key";
    const auto owner = must(users::insert(database, alice));
    auto ten = dongle("ten", "wwan0");
    ten.options = {{"password", "modem-password"}};
    const auto leads = must(dongles::insert(database, ten));
    auto sold = proxy(owner, leads, 20001);
    sold.password = "proxy-password";
    const auto id = must(proxies::insert(database, sold));
    auto changed = *must(proxies::find(database, id));
    changed.password = "second-password";
    must(proxies::update(database, changed));
    CredentialRecord bob{.proxy = id, .name = "bob", .password = "bobs-password"};
    bob.counter_row = 7;
    bob.id = must(credentials::insert(database, bob));
    bob.password = "bobs-second-word";
    must(credentials::update(database, bob));
  }
  static void expect_all(Database& database) {
    EXPECT_EQ(must(users::all(database)).front().api_key, "alices-own-key");
    EXPECT_EQ(must(users::find(database, "alice"))->api_key, "alices-own-key");
    EXPECT_EQ(must(dongles::all(database)).front().options.at("password"), "modem-password");
    EXPECT_EQ(must(proxies::all(database)).front().password, "second-password");
    EXPECT_EQ(must(credentials::all(database)).front().password, "bobs-second-word");
  }
  void expect_nothing_in_the_files() const {
    for (const char* suffix : {"", "-wal"}) {
      const auto bytes = contents(scratch_.path() + suffix);
      for (const char* secret : {"alices-own-key", "modem-password", "proxy-password",
                                 "second-password", "bobs-password", "bobs-second-word"}) {
        EXPECT_EQ(bytes.find(secret), std::string::npos) << secret << " in the file" << suffix;
      }
    }
  }

  const Scratch scratch_;
  std::vector<bool> asked_;
};

TEST_F(Sealed, SecretsAreReadAgainAndNowhereInTheFiles) {
  {
    const auto database = open_sealed();
    fill(*database);
    expect_all(*database);
    expect_nothing_in_the_files();
  }
  expect_nothing_in_the_files();
  expect_all(*open_sealed());
  EXPECT_EQ(asked_, (std::vector<bool>{false, true}));
}

TEST_F(Sealed, SecretsOfAnOlderDatabaseAreSealedAndPurged) {
  {
    const auto database = open(scratch_);
    fill(*database);
    // Rows that were deleted leave their bytes in the pages.
    auto gone = user("gone");
    gone.api_key = std::string("alices-own-key") + "-gone";
    must(users::remove(*database, must(users::insert(*database, gone))));
  }
  EXPECT_NE(contents(scratch_.path()).find("second-password"), std::string::npos)
      << "what is looked for would be seen";
  {
    const auto database = open_sealed();
    expect_all(*database);
    expect_nothing_in_the_files();
  }
  expect_nothing_in_the_files();
  expect_all(*open_sealed());
}

TEST_F(Sealed, NothingIsSealedWhenTheKeyCannotBeHad) {
  fill(*open(scratch_));
  const auto refused = Database::open(scratch_.path(), {.key = [](bool) -> Outcome<SealingKey> {
                                        return Failure{Failure::Kind::kInvalid, "No key."};
                                      }});
  EXPECT_EQ(refused.error().text, "No key.");
  expect_all(*open(scratch_));
}

TEST_F(Sealed, AnotherKeyOrNoneIsRefusedAndChangesNothing) {
  fill(*open_sealed());
  const auto other = try_to_open(SealingKey::random());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, Failure::Kind::kInvalid);
  EXPECT_NE(other.error().text.find("put back the key that belongs to this database"),
            std::string::npos)
      << other.error().text;
  const auto none = Database::open(scratch_.path());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, Failure::Kind::kInvalid);
  expect_all(*open_sealed());
}

TEST_F(Sealed, ASecretThatWasMovedOrMadeUpIsDamage) {
  fill(*open_sealed());
  for (const char* change : {"UPDATE proxies SET password = 'plain'",
                             "UPDATE proxies SET password = (SELECT api_key FROM users)"}) {
    const auto database = open_sealed();
    must(database->run_script(change));
    const auto read = proxies::all(*database);
    ASSERT_FALSE(read) << change;
    EXPECT_NE(read.error().text.find("a secret in proxies.password is not ours"), std::string::npos)
        << read.error().text;
  }
}

TEST_F(Sealed, ABackupIsSealedToo) {
  const auto database = open_sealed();
  fill(*database);
  const auto backup = must(Backup::begin(*database, scratch_.path("backup.db")));
  while (must(backup->step(256))) continue;
  EXPECT_EQ(contents(scratch_.path("backup.db")).find("second-password"), std::string::npos);
  const auto copy = must(Database::open(scratch_.path("backup.db"),
                                        {.key = [](bool) -> Outcome<SealingKey> { return kKey; }}));
  expect_all(*copy);
}

}  // namespace
}  // namespace airlane::test
