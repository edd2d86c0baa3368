// What is put into each table comes out of it as it was.
#include "db/credentials.h"
#include "db/ip_history.h"
#include "db/schedules.h"
#include "db/sessions.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

class Tables : public ::testing::Test {
 protected:
  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
};

TEST_F(Tables, Users) {
  auto alice = user("alice");
  alice.admin = true;
  alice.id = must(users::insert(*database_, alice));
  auto bob = user("Jürgen '; DROP TABLE users; --");
  bob.id = must(users::insert(*database_, bob));
  EXPECT_EQ(must(users::all(*database_)), (std::vector{alice, bob}));
  EXPECT_EQ(must(users::find(*database_, bob.name)), bob);
  EXPECT_EQ(must(users::find(*database_, "nobody")), std::nullopt);

  alice.password_hash = "another";
  alice.admin = false;
  must(users::update(*database_, alice));
  must(users::remove(*database_, bob.id));
  EXPECT_EQ(must(users::all(*database_)), std::vector{alice});
}

TEST_F(Tables, IdsAreNotGivenTwice) {
  const auto first = must(users::insert(*database_, user("alice")));
  must(users::remove(*database_, first));
  EXPECT_GT(must(users::insert(*database_, user("alice"))), first);
}

TEST_F(Tables, Dongles) {
  auto plain = dongle("ten", "wwan0");
  plain.id = must(dongles::insert(*database_, plain));
  auto full = dongle("eleven", "wwan1");
  full.gateway = Address::parse("192.168.8.1");
  full.isp = "Wind";
  full.dns = {*Address::parse_with_port("192.168.8.1:53"),
              *Address::parse_with_port("[2001:db8::1]:5353")};
  full.options = {{"url", "http://192.168.8.1"}, {"empty", ""}};
  full.id = must(dongles::insert(*database_, full));
  EXPECT_EQ(must(dongles::all(*database_)), (std::vector{plain, full}));

  std::swap(full.dns[0], full.dns[1]);
  full.options.erase("url");
  full.gateway.reset();
  must(dongles::update(*database_, full));
  EXPECT_EQ(must(dongles::all(*database_)), (std::vector{plain, full}));
  must(dongles::remove(*database_, full.id));
  EXPECT_EQ(must(dongles::all(*database_)), std::vector{plain});
}

TEST_F(Tables, Proxies) {
  const auto owner = must(users::insert(*database_, user("alice")));
  const auto way = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  auto plain = proxy(owner, way, 1);
  plain.id = must(proxies::insert(*database_, plain));
  auto full = proxy(owner, way, 65535);
  full.comment = "Nothing is more useful than useless comment";
  full.in_use_from = from_unix(0);
  full.in_use_till = from_unix(4'000'000'000);
  full.ext_ip_upd_interval = "60-90";
  full.ext_ip_upd_calendar = "weekly";
  full.fp = "*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0";
  full.whitelist_mode = "restrict";
  full.counter_row = 4'294'967'295;
  full.whitelist = {Cidr::of("203.0.113.200/32"), Cidr::of("198.51.100.0/24"),
                    Cidr::of("2001:db8::/32")};
  full.quota = QuotaRecord{.bytes = 9'223'372'036'854'775'807,
                           .period = "day",
                           .zone = "+01:00",
                           .action = "throttle",
                           .rate = 64'000};
  full.limits = {.connections = 0,
                 .connections_per_source = 3,
                 .download = 100LL << 30,
                 .destinations = {"allow example.com 443", "deny *"}};
  full.id = must(proxies::insert(*database_, full));
  EXPECT_EQ(must(proxies::all(*database_)), (std::vector{plain, full}));
  EXPECT_EQ(must(proxies::find(*database_, full.id)), full);
  EXPECT_EQ(must(proxies::find(*database_, 4711)), std::nullopt);

  full.whitelist.erase(full.whitelist.begin());
  full.in_use_till.reset();
  full.ext_ip_upd_interval = "";
  full.quota->bytes = 1;
  must(proxies::update(*database_, full));
  EXPECT_EQ(must(proxies::find(*database_, full.id)), full);
  full.quota.reset();
  full.limits = {.new_per_second = 1, .upload = 0};
  must(proxies::update(*database_, full));
  EXPECT_EQ(must(proxies::find(*database_, full.id)), full);
  full.limits = {};
  must(proxies::update(*database_, full));
  EXPECT_EQ(must(proxies::find(*database_, full.id)), full);
  must(proxies::remove(*database_, full.id));
  EXPECT_EQ(must(proxies::all(*database_)), std::vector{plain});
}

TEST_F(Tables, Credentials) {
  const auto owner = must(users::insert(*database_, user("alice")));
  const auto way = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  const auto one = must(proxies::insert(*database_, proxy(owner, way, 1)));
  const auto two = must(proxies::insert(*database_, proxy(owner, way, 2)));
  CredentialRecord plain{.proxy = one, .name = "bob", .password = "b"};
  plain.counter_row = 10;
  plain.id = must(credentials::insert(*database_, plain));
  CredentialRecord full{.proxy = one, .name = "carol", .password = "c:'", .enabled = false};
  full.in_use_from = from_unix(1);
  full.in_use_till = from_unix(4'000'000'000);
  full.whitelist = {Cidr::of("203.0.113.0/24"), Cidr::of("2001:db8::/32")};
  full.whitelist_mode = "only";
  full.counter_row = 4'294'967'295;
  full.quota = QuotaRecord{
      .bytes = 5, .period = "day", .zone = "Europe/Rome", .action = "throttle", .rate = 7};
  full.limits = {.connections = 0, .upload = 9, .destinations = {"allow a.test", "deny *"}};
  full.id = must(credentials::insert(*database_, full));
  EXPECT_EQ(must(credentials::all(*database_)), (std::vector{plain, full}));
  EXPECT_EQ(full.owner(), -full.id);

  auto again = plain;
  again.id = 0;
  again.counter_row = 11;
  EXPECT_EQ(credentials::insert(*database_, again).error().kind, Failure::Kind::kConflict);
  again.proxy = two;
  again.id = must(credentials::insert(*database_, again));
  full.quota.reset();
  full.limits = {};
  full.enabled = true;
  full.whitelist.clear();
  must(credentials::update(*database_, full));
  EXPECT_EQ(must(credentials::all(*database_)), (std::vector{plain, full, again}));
  must(credentials::remove(*database_, plain.id));
  EXPECT_EQ(credentials::remove(*database_, plain.id).error().kind, Failure::Kind::kNotFound);
  must(proxies::remove(*database_, one));
  EXPECT_EQ(must(credentials::all(*database_)), std::vector{again}) << "they go with their proxy";
}

TEST_F(Tables, Sessions) {
  SessionRecord session{.token_hash = "hash",
                        .user = must(users::insert(*database_, user("alice"))),
                        .created = from_unix(100),
                        .expires = from_unix(200)};
  must(sessions::insert(*database_, session));
  EXPECT_EQ(must(sessions::find(*database_, "hash", from_unix(199))), session);
  EXPECT_EQ(must(sessions::find(*database_, "hash", from_unix(200))), std::nullopt);
  must(sessions::remove_expired(*database_, from_unix(199)));
  EXPECT_EQ(must(sessions::all(*database_)), std::vector{session});
  must(sessions::remove_expired(*database_, from_unix(200)));
  EXPECT_EQ(must(sessions::all(*database_)), std::vector<SessionRecord>{});
}

TEST_F(Tables, SessionsEndByLogoutAndWithTheirUser) {
  const auto alice = must(users::insert(*database_, user("alice")));
  for (const char* token : {"one", "two", "three"}) {
    must(sessions::insert(*database_, {token, alice, from_unix(1), from_unix(2)}));
  }
  must(sessions::remove(*database_, "one"));
  EXPECT_EQ(must(sessions::all(*database_)).size(), 2u);
  must(users::remove(*database_, alice));
  EXPECT_EQ(must(sessions::all(*database_)).size(), 0u);
}

TEST_F(Tables, Schedules) {
  const auto owner = must(users::insert(*database_, user("alice")));
  const auto way = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  const auto one = must(proxies::insert(*database_, proxy(owner, way, 1)));
  auto other = proxy(owner, way, 2);
  other.counter_row = 2;
  const auto two = must(proxies::insert(*database_, other));
  ScheduleRecord first{one, from_unix(100), std::nullopt};
  const ScheduleRecord second{two, from_unix(300), from_unix(400)};
  must(schedules::put(*database_, first));
  must(schedules::put(*database_, second));
  first = {one, std::nullopt, from_unix(200)};
  must(schedules::put(*database_, first));
  must(schedules::put(*database_, ScheduleRecord{4711, from_unix(1), std::nullopt}));
  EXPECT_EQ(must(schedules::all(*database_)), (std::vector{first, second}));
  must(schedules::put(*database_, ScheduleRecord{one, std::nullopt, std::nullopt}));
  EXPECT_EQ(must(schedules::all(*database_)), std::vector{second});
  must(proxies::remove(*database_, two));
  EXPECT_EQ(must(schedules::all(*database_)), std::vector<ScheduleRecord>{});
}

TEST_F(Tables, RotationsAreForgottenWithTheirDongle) {
  const auto ten = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  must(schedules::put(*database_, RotationRecord{ten, from_unix(100)}));
  must(schedules::put(*database_, RotationRecord{ten, from_unix(200)}));
  must(schedules::put(*database_, RotationRecord{4711, from_unix(200)}));
  EXPECT_EQ(must(schedules::rotations(*database_)),
            (std::vector{RotationRecord{ten, from_unix(200)}}));
  must(dongles::remove(*database_, ten));
  EXPECT_EQ(must(schedules::rotations(*database_)), std::vector<RotationRecord>{});
}

TEST_F(Tables, AddressHistory) {
  const auto first = *Address::parse("198.51.100.1");
  const auto second = *Address::parse("2001:db8::2");
  const auto record = [&](std::int64_t dongle, const Address& ip, int when, const char* cause) {
    must(ip_history::record(*database_, dongle, ip, from_unix(when), cause, 100));
  };
  record(7, first, 100, "observed");
  record(7, first, 150, "rotation");
  record(8, first, 160, "observed");
  record(7, second, 200, "rotation");
  const IpRecord now{3, 7, second, from_unix(200), std::nullopt, "rotation"};
  const IpRecord before{1, 7, first, from_unix(100), from_unix(200), "observed"};
  EXPECT_EQ(must(ip_history::list(*database_, {.dongle = 7, .limit = 10})),
            (std::vector{now, before}));
  EXPECT_EQ(must(ip_history::list(*database_, {.dongle = 7, .limit = 1})), std::vector{now});
  EXPECT_EQ(must(ip_history::current(*database_, 7)), now);

  must(ip_history::end(*database_, 7, from_unix(300)));
  EXPECT_EQ(must(ip_history::current(*database_, 7)), std::nullopt);
}

TEST_F(Tables, AddressHistoryByTheTimeAndByPages) {
  const auto ip = [](int last) { return *Address::parse("198.51.100." + std::to_string(last)); };
  int when = 100;  // A new one every 100 s: 1, 2, 3, 1, 2, 3.
  for (const int last : {1, 2, 3, 1, 2, 3}) {
    must(ip_history::record(*database_, 7, ip(last), from_unix(when), "rotation", 100));
    when += 100;
  }
  must(ip_history::record(*database_, 8, ip(9), from_unix(150), "observed", 100));
  const auto starts = [&](IpFilter filter) {
    std::vector<std::int64_t> all;
    filter.dongle = 7;
    for (const auto& one : must(ip_history::list(*database_, filter))) {
      all.push_back(unix_seconds(one.from));
    }
    return all;
  };
  using Starts = std::vector<std::int64_t>;
  EXPECT_EQ(starts({.since = from_unix(400), .limit = 10}), (Starts{600, 500, 400}));
  EXPECT_EQ(starts({.since = from_unix(399), .limit = 10}), (Starts{600, 500, 400, 300}));
  EXPECT_EQ(starts({.before = 4, .limit = 2}), (Starts{300, 200}));

  const auto counted = must(ip_history::count(*database_, 7, from_unix(300)));
  EXPECT_EQ(counted.periods, 4);
  EXPECT_EQ(counted.addresses, 3);
  EXPECT_EQ(must(ip_history::count(*database_, 7, from_unix(601))).periods, 0);

  using Addresses = std::set<std::string>;
  EXPECT_EQ(must(ip_history::had(*database_, {7}, from_unix(550))),
            (Addresses{"198.51.100.2", "198.51.100.3"}));
  EXPECT_EQ(must(ip_history::had(*database_, {7, 8}, from_unix(100'000))),
            (Addresses{"198.51.100.3", "198.51.100.9"}))
      << "what it is now, it was of late";
}

TEST_F(Tables, AddressHistoryIsKeptForSoLong) {
  const auto ip = [](int last) { return *Address::parse("198.51.100." + std::to_string(last)); };
  const auto ten = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  const auto gone = ten + 10;
  for (int i = 1; i <= 20; ++i) {
    for (const auto one : {ten, gone}) {
      must(ip_history::record(*database_, one, ip(i), from_unix(i), "rotation", 5));
    }
  }
  const auto size = [&](std::int64_t of) {
    return must(ip_history::list(*database_, {.dongle = of, .limit = 100})).size();
  };
  EXPECT_EQ(size(ten), 5U);
  EXPECT_EQ(size(gone), 5U);
  must(ip_history::forget_removed(*database_, 3));
  EXPECT_EQ(size(ten), 5U);
  EXPECT_EQ(size(gone), 3U);
  EXPECT_EQ(must(ip_history::current(*database_, gone))->ip, ip(20));
}

}  // namespace
}  // namespace airlane::test
