#include "control/api_keys.h"

#include <gtest/gtest.h>

#include "db/users.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

class ApiKeysTest : public testing::Test {
 protected:
  ApiKeysTest() {
    user_ = *store_->wait([](Database& database) {
      UserRecord user;
      user.name = user.api_key = user.password_hash = "alice";
      return users::insert(database, user);
    });
    reload();
  }
  void reload() {
    keys_.reset();  // Writes what it has to.
    store_->flush();
    keys_ = std::make_unique<ApiKeys>(loop_, *store_);
    ASSERT_TRUE(keys_->load());
  }
  Outcome<ApiKeys::Made> make(ApiKeys::Wanted wanted) {
    return answer<ApiKeys::Made>(loop_, [&](auto then) { keys_->make(wanted, std::move(then)); });
  }
  Outcome<ApiKeys::Made> make(const std::string& name, std::string_view scopes = "read") {
    return make({.user = user_, .name = name, .scopes = *Scopes::parse(scopes)});
  }
  Outcome<Done> revoke(std::int64_t id) {
    return answer<Done>(loop_, [&](auto then) { keys_->revoke(id, std::move(then)); });
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::unique_ptr<ApiKeys> keys_;
  std::int64_t user_ = 0;
};

TEST_F(ApiKeysTest, AreFoundByTheKeyAlsoAfterARestart) {
  const auto made = make("ci", "reboot,read");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->key.size(), 64U);
  for (int i = 0; i < 2; ++i) {
    const auto* found = keys_->find(made->key);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->user, user_);
    EXPECT_EQ(found->name, "ci");
    EXPECT_EQ(found->scopes, "read reboot");
    EXPECT_EQ(found->expires, std::nullopt);
    reload();
  }
  EXPECT_EQ(keys_->find("another"), nullptr);
  EXPECT_EQ(keys_->find(""), nullptr);
}

TEST_F(ApiKeysTest, AreStoredAsAHashOnly) {
  const auto made = make("ci");
  const auto stored = store_->wait(api_keys::all);
  ASSERT_EQ(stored->size(), 1U);
  EXPECT_EQ(stored->front().key_hash, sha256_hex(made->key));
  EXPECT_EQ(keys_->find(stored->front().key_hash), nullptr) << "the hash is no key";
}

TEST_F(ApiKeysTest, AreRevokedForGood) {
  const auto made = make("ci");
  ASSERT_TRUE(revoke(made->record.id));
  EXPECT_EQ(keys_->find(made->key), nullptr);
  EXPECT_EQ(revoke(made->record.id).error().kind, Failure::Kind::kNotFound);
  reload();
  EXPECT_EQ(keys_->find(made->key), nullptr);
  const auto again = make("ci");
  ASSERT_TRUE(again) << "the name is free again";
  EXPECT_NE(again->record.id, made->record.id);
}

TEST_F(ApiKeysTest, HaveANameThatIsTheUsersOnly) {
  ASSERT_TRUE(make("ci"));
  EXPECT_EQ(make("ci").error().text, "There is already a key ci.");
  EXPECT_EQ(make("").error().kind, Failure::Kind::kInvalid);
  EXPECT_EQ(make("a b").error().kind, Failure::Kind::kInvalid);
  EXPECT_EQ(make({.user = 4711, .name = "ci", .scopes = Scopes::all()}).error().kind,
            Failure::Kind::kNotFound);
}

TEST_F(ApiKeysTest, DoNotBeginExpired) {
  const ApiKeys::Wanted wanted{
      .user = user_, .name = "old", .scopes = Scopes::all(), .expires = wall_now()};
  EXPECT_EQ(make(wanted).error().text, "The key would have expired already.");
}

TEST_F(ApiKeysTest, AreSoManyAndNotMore) {
  for (std::size_t i = 0; i < ApiKeys::kMost; ++i) ASSERT_TRUE(make("k" + std::to_string(i)));
  EXPECT_EQ(make("another").error().kind, Failure::Kind::kConflict);
  ASSERT_TRUE(revoke(keys_->all().begin()->first));
  EXPECT_TRUE(make("another"));
}

TEST_F(ApiKeysTest, RememberTheirLastUseAndWriteItLater) {
  const auto made = make("ci");
  const auto unused = make("unused");
  const auto stored = [&] { return store_->wait(api_keys::all)->front().last_used; };
  keys_->note_use(made->record.id, from_unix(1'800'000'000));
  keys_->note_use(made->record.id, from_unix(1'800'000'007));
  keys_->note_use(4711, from_unix(1'800'000'000));
  EXPECT_EQ(keys_->find(made->key)->last_used, from_unix(1'800'000'007)) << "at once";
  EXPECT_EQ(stored(), std::nullopt) << "not on the way of the call";
  reload();
  EXPECT_EQ(stored(), from_unix(1'800'000'007));
  EXPECT_EQ(keys_->find(made->key)->last_used, from_unix(1'800'000'007));
  EXPECT_EQ(keys_->find(unused->key)->last_used, std::nullopt);
}

TEST_F(ApiKeysTest, EndWithTheirUser) {
  const auto made = make("ci");
  keys_->note_use(made->record.id, from_unix(1'800'000'000));
  ASSERT_TRUE(store_->wait([&](Database& database) { return users::remove(database, user_); }));
  keys_->forget_user(user_);
  EXPECT_EQ(keys_->find(made->key), nullptr);
  EXPECT_TRUE(keys_->all().empty());
  reload();
  EXPECT_TRUE(keys_->all().empty());
}

TEST(Scopes, AreReadFromWordsAndWrittenInOrder) {
  EXPECT_EQ(Scopes::parse("admin,read  rotate")->to_string(), "read rotate admin");
  EXPECT_EQ(Scopes::parse("read")->to_string(), "read");
  EXPECT_EQ(Scopes::all().to_string(), "read rotate reboot admin");
  for (const char* wrong : {"", " ", "Read", "write", "read write", "read;rotate"}) {
    EXPECT_EQ(Scopes::parse(wrong), std::nullopt) << wrong;
  }
  auto scopes = Scopes::all();
  scopes.remove(Scope::kAdmin);
  EXPECT_FALSE(scopes.has(Scope::kAdmin));
  EXPECT_TRUE(scopes.has(Scope::kReboot));
  EXPECT_FALSE(Scopes().has(Scope::kRead));
}

}  // namespace
}  // namespace airlane::test
