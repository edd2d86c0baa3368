// What is put into each table comes out of it as it was.
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
  must(proxies::update(*database_, full));
  EXPECT_EQ(must(proxies::find(*database_, full.id)), full);
  must(proxies::remove(*database_, full.id));
  EXPECT_EQ(must(proxies::all(*database_)), std::vector{plain});
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
  must(ip_history::record(*database_, 7, first, from_unix(100), "start"));
  must(ip_history::record(*database_, 7, first, from_unix(150), "carrier"));
  must(ip_history::record(*database_, 8, first, from_unix(160), "start"));
  must(ip_history::record(*database_, 7, second, from_unix(200), "rotation"));
  const IpRecord now{3, 7, second, from_unix(200), std::nullopt, "rotation"};
  const IpRecord before{1, 7, first, from_unix(100), from_unix(200), "start"};
  EXPECT_EQ(must(ip_history::of_dongle(*database_, 7, 10)), (std::vector{now, before}));
  EXPECT_EQ(must(ip_history::of_dongle(*database_, 7, 1)), std::vector{now});
  EXPECT_EQ(must(ip_history::current(*database_, 7)), now);

  must(ip_history::end(*database_, 7, from_unix(300)));
  EXPECT_EQ(must(ip_history::current(*database_, 7)), std::nullopt);
}

}  // namespace
}  // namespace airlane::test
