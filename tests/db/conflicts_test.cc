// The sentences for a change that contradicts what is there.
#include "db/sessions.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

using Kind = Failure::Kind;

class Conflicts : public ::testing::Test {
 protected:
  template <class T>
  static void expect(const Outcome<T>& outcome, Kind kind, const std::string& text) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, kind);
    EXPECT_EQ(outcome.error().text, text);
  }

  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
  std::int64_t alice_ = must(users::insert(*database_, user("alice")));
  std::int64_t ten_ = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  std::int64_t first_ = must(proxies::insert(*database_, proxy(alice_, ten_, 20001)));
};

TEST_F(Conflicts, OfUsers) {
  expect(users::insert(*database_, user("alice")), Kind::kConflict,
         "There is already a user alice.");
  auto same_key = user("bob");
  same_key.api_key = user("alice").api_key;
  expect(users::insert(*database_, same_key), Kind::kConflict,
         "This API key already belongs to another user.");
  auto bob = user("bob");
  bob.id = must(users::insert(*database_, bob));
  bob.name = "alice";
  expect(users::update(*database_, bob), Kind::kConflict, "There is already a user alice.");
  expect(users::remove(*database_, alice_), Kind::kConflict,
         "The user still owns 1 proxy; remove it first.");
}

TEST_F(Conflicts, OfDongles) {
  expect(dongles::insert(*database_, dongle("ten", "wwan1")), Kind::kConflict,
         "There is already a dongle ten.");
  expect(dongles::insert(*database_, dongle("ten", "wwan0")), Kind::kConflict,
         "There is already a dongle ten.");
  expect(dongles::insert(*database_, dongle("eleven", "wwan0")), Kind::kConflict,
         "Interface wwan0 already belongs to dongle ten.");
  must(proxies::insert(*database_, proxy(alice_, ten_, 20002)));
  expect(dongles::remove(*database_, ten_), Kind::kConflict,
         "The dongle is still used by 2 proxies; remove them first.");
}

TEST_F(Conflicts, OfProxies) {
  expect(proxies::insert(*database_, proxy(alice_, ten_, 20001)), Kind::kConflict,
         "Port 20001 already belongs to proxy 1.");
  auto same_row = proxy(alice_, ten_, 20002);
  same_row.counter_row = 20001;
  expect(proxies::insert(*database_, same_row), Kind::kConflict,
         "Counter row 20001 already belongs to proxy 1.");
  expect(proxies::insert(*database_, proxy(4711, ten_, 20002)), Kind::kNotFound,
         "There is no user with the id 4711.");
  expect(proxies::insert(*database_, proxy(alice_, 4711, 20002)), Kind::kNotFound,
         "There is no dongle with the id 4711.");
  auto second = proxy(alice_, ten_, 20002);
  second.id = must(proxies::insert(*database_, second));
  second.port = 20001;
  expect(proxies::update(*database_, second), Kind::kConflict,
         "Port 20001 already belongs to proxy 1.");
  EXPECT_EQ(must(proxies::find(*database_, second.id))->port, 20002);
}

TEST_F(Conflicts, OfValuesThatNoProxyCanHave) {
  auto unknown = proxy(alice_, ten_, 20002);
  unknown.whitelist_mode = "maybe";
  expect(proxies::insert(*database_, unknown), Kind::kInvalid,
         "The database refused the change: CHECK constraint failed: whitelist_mode_is_known.");
  expect(proxies::insert(*database_, proxy(alice_, ten_, 0)), Kind::kInvalid,
         "The database refused the change: CHECK constraint failed: port_is_a_port.");
}

TEST_F(Conflicts, OfSessions) {
  SessionRecord session{"hash", alice_, from_unix(1), from_unix(2)};
  must(sessions::insert(*database_, session));
  expect(sessions::insert(*database_, session), Kind::kConflict,
         "There is already a session with this token.");
  expect(sessions::insert(*database_, {"other", 4711, from_unix(1), from_unix(2)}), Kind::kNotFound,
         "There is no user with the id 4711.");
}

TEST_F(Conflicts, OfWhatIsNotThere) {
  auto nobody = user("nobody");
  nobody.id = 4711;
  auto nothing = dongle("nothing", "wwan9");
  nothing.id = 4711;
  auto nowhere = proxy(alice_, ten_, 20009);
  nowhere.id = 4711;
  expect(users::update(*database_, nobody), Kind::kNotFound, "There is no user with the id 4711.");
  expect(users::remove(*database_, 4711), Kind::kNotFound, "There is no user with the id 4711.");
  expect(dongles::update(*database_, nothing), Kind::kNotFound,
         "There is no dongle with the id 4711.");
  expect(dongles::remove(*database_, 4711), Kind::kNotFound,
         "There is no dongle with the id 4711.");
  expect(proxies::update(*database_, nowhere), Kind::kNotFound,
         "There is no proxy with the id 4711.");
  expect(proxies::remove(*database_, 4711), Kind::kNotFound, "There is no proxy with the id 4711.");
}

}  // namespace
}  // namespace airlane::test
