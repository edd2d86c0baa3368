#include "control/accounts.h"

#include <gtest/gtest.h>

#include "db/sessions.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

class AccountsTest : public testing::Test {
 protected:
  AccountsTest() { reload(); }

  void reload() {
    accounts_.reset();
    accounts_ = std::make_unique<Accounts>(loop_, *store_);
    ASSERT_TRUE(accounts_->load());
  }
  Outcome<UserRecord> add(const std::string& name, const std::string& password = "a long secret") {
    return answer<UserRecord>(
        loop_, [&](auto then) { accounts_->add_user(name, password, false, std::move(then)); });
  }
  Outcome<std::string> log_in(const std::string& name, const std::string& password) {
    return answer<std::string>(
        loop_, [&](auto then) { accounts_->log_in(name, password, std::move(then)); });
  }
  Outcome<Done> remove(const std::string& name, bool owns_proxies = false) {
    return answer<Done>(loop_, [&](auto then) {
      accounts_->remove_user(
          name, owns_proxies, [](const auto&) { return true; }, std::move(then));
    });
  }

  Outcome<UserRecord> change(const std::string& name, const Edit<UserRecord>& edit,
                             const std::optional<std::string>& password = {}) {
    return answer<UserRecord>(
        loop_, [&](auto then) { accounts_->change_user(name, password, edit, std::move(then)); });
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::unique_ptr<Accounts> accounts_;
};

TEST_F(AccountsTest, AUserLogsInWithTheRightPassword) {
  const auto alice = add("alice");
  ASSERT_TRUE(alice);
  const auto token = log_in("alice", "a long secret");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 64U);
  ASSERT_NE(accounts_->by_session(*token), nullptr);
  EXPECT_EQ(accounts_->by_session(*token)->name, "alice");
  EXPECT_EQ(accounts_->by_session("another"), nullptr);
}

TEST_F(AccountsTest, ANewPasswordIsTheOnlyOneAndEndsTheSessions) {
  (void)add("alice");
  (void)add("bob");
  const auto hers = *log_in("alice", "a long secret");
  const auto his = *log_in("bob", "a long secret");
  const auto keep = [](auto&) { return true; };
  EXPECT_EQ(change("alice", keep, "short").error().kind, Failure::Kind::kInvalid);
  EXPECT_NE(accounts_->by_session(hers), nullptr);
  ASSERT_TRUE(change("alice", keep, "another secret"));
  EXPECT_EQ(accounts_->by_session(hers), nullptr);
  EXPECT_NE(accounts_->by_session(his), nullptr);
  EXPECT_FALSE(log_in("alice", "a long secret"));
  EXPECT_TRUE(log_in("alice", "another secret"));
  reload();
  EXPECT_EQ(accounts_->by_session(hers), nullptr);
  EXPECT_TRUE(log_in("alice", "another secret"));
}

TEST_F(AccountsTest, ChangesOfAUserThatWaitTogetherKeepWhatTheOtherDid) {
  (void)add("alice");
  std::vector<Outcome<UserRecord>> answers;
  const auto told = [&](auto outcome) { answers.push_back(outcome); };
  accounts_->change_user(
      "alice", {}, [](auto& user) { return user.admin = true; }, told);
  accounts_->change_user(
      "alice", {}, [](auto& user) { return user.api = false, true; }, told);
  accounts_->change_user(
      "alice", {}, [](auto& user) { return user.admin = false; }, told);
  ASSERT_TRUE(run_until(loop_, [&] { return answers.size() == 3; }));
  EXPECT_EQ(answers[2].error().kind, Failure::Kind::kConflict);
  reload();
  EXPECT_TRUE(accounts_->by_name("alice")->admin);
  EXPECT_FALSE(accounts_->by_name("alice")->api);
  EXPECT_EQ(change("nobody", [](auto&) { return true; }).error().kind, Failure::Kind::kNotFound);
}

TEST_F(AccountsTest, AWrongPasswordAndAnUnknownNameGetTheSameAnswer) {
  (void)add("alice");
  for (const auto* name : {"alice", "bob"}) {
    const auto token = log_in(name, "wrong");
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().kind, Failure::Kind::kInvalid);
    EXPECT_EQ(token.error().text, "Invalid username/password.");
  }
}

// To the hash it is the same password: its key is filled up with zeros.
TEST_F(AccountsTest, TheRightPasswordAndANulAreAWrongPassword) {
  (void)add("alice");
  const auto token = log_in("alice", std::string("a long secret\0", 14));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().text, "Invalid username/password.");
}

TEST_F(AccountsTest, ANewUserHasAnApiKey) {
  const auto alice = add("alice");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->api_key.size(), 64U);
  ASSERT_NE(accounts_->by_api_key(alice->api_key), nullptr);
  EXPECT_EQ(accounts_->by_api_key(alice->api_key)->id, alice->id);
  EXPECT_EQ(accounts_->by_api_key(""), nullptr);
}

TEST_F(AccountsTest, ANameIsTakenOnce) {
  ASSERT_TRUE(add("alice"));
  const auto again = add("alice");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Failure::Kind::kConflict);
}

TEST_F(AccountsTest, NamesAndPasswordsAreChecked) {
  EXPECT_FALSE(add("al/ice"));
  EXPECT_FALSE(add("alice", ""));
  // Seven characters, in seven bytes and in thirteen.
  for (const auto* password : {"1234567", "\u043f\u0430\u0440\u043e\u043b\u044c1"}) {
    const auto added = add("alice", password);
    ASSERT_FALSE(added) << password;
    EXPECT_EQ(added.error().kind, Failure::Kind::kInvalid);
    EXPECT_EQ(added.error().text, "The password is too short: it must have at least 8 characters.");
  }
  EXPECT_FALSE(add("alice", std::string(2000, 'x')));
  const auto with_nul = add("alice", std::string("a long secret\0", 14));
  ASSERT_FALSE(with_nul);
  EXPECT_EQ(with_nul.error().text, "The password has a NUL byte in it.");
  EXPECT_TRUE(accounts_->users().empty());
  EXPECT_TRUE(add("alice", "12345678"));
}

TEST_F(AccountsTest, UsersAndSessionsSurviveARestart) {
  (void)add("alice");
  const auto token = *log_in("alice", "a long secret");
  reload();
  ASSERT_NE(accounts_->by_session(token), nullptr);
  EXPECT_EQ(accounts_->by_session(token)->name, "alice");
  EXPECT_TRUE(log_in("alice", "a long secret"));
}

TEST_F(AccountsTest, TheDatabaseHoldsNoToken) {
  (void)add("alice");
  const auto token = *log_in("alice", "a long secret");
  const auto stored = store_->wait([](Database& database) { return sessions::all(database); });
  ASSERT_EQ(stored->size(), 1U);
  EXPECT_NE(stored->front().token_hash, token);
  EXPECT_EQ(stored->front().token_hash, sha256_hex(token));
}

TEST_F(AccountsTest, LoggingOutEndsTheSessionForGood) {
  (void)add("alice");
  const auto token = *log_in("alice", "a long secret");
  accounts_->log_out(token);
  EXPECT_EQ(accounts_->by_session(token), nullptr);
  store_->flush();
  reload();
  EXPECT_EQ(accounts_->by_session(token), nullptr);
}

TEST_F(AccountsTest, AUserThatIsGoneIsLoggedOut) {
  (void)add("alice");
  const auto token = *log_in("alice", "a long secret");
  EXPECT_EQ(remove("alice", true).error().kind, Failure::Kind::kConflict);
  EXPECT_TRUE(remove("alice"));
  EXPECT_EQ(accounts_->by_session(token), nullptr);
  EXPECT_EQ(accounts_->by_name("alice"), nullptr);
  EXPECT_EQ(remove("alice").error().kind, Failure::Kind::kNotFound);
}

TEST_F(AccountsTest, TooManyLoginsAtOnceAreRefused) {
  int refused = 0;
  int answered = 0;
  constexpr int kLogins = 40;
  for (int login = 0; login < kLogins; ++login) {
    accounts_->log_in("alice", "wrong", [&](const Outcome<std::string>& token) {
      ++answered;
      refused += token.error().kind == Failure::Kind::kUnavailable ? 1 : 0;
    });
  }
  EXPECT_TRUE(run_until(
      loop_, [&] { return answered == kLogins; }, std::chrono::minutes(1)));
  EXPECT_EQ(refused, 8);
}

}  // namespace
}  // namespace airlane::test
