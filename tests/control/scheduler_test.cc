// Who rotates when, by clocks that a test turns, with a real store and a dongle that is a list.
#include "control/scheduler.h"

#include <gtest/gtest.h>

#include "db/dongles.h"
#include "db/users.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<std::int64_t>;

constexpr WallSeconds kNoon{std::chrono::sys_days{std::chrono::year_month_day(2026y / 6 / 1)} +
                            12h};  // A Monday.

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    unsetenv("TZ");
    const auto made = store_->wait([](Database& database) -> Outcome<Done> {
      UserRecord alice;
      alice.name = "alice";
      alice.api_key = "key";
      const auto user = users::insert(database, alice);
      if (!user) return user.error();
      for (const char* name : {"ten", "eleven"}) {
        DongleRecord dongle;
        dongle.name = dongle.interface = name;
        dongle.driver = "none";
        if (auto added = dongles::insert(database, dongle); !added) return added.error();
      }
      for (std::int64_t id = 1; id <= 3; ++id) {
        ProxyRecord proxy;
        proxy.user = *user;
        proxy.dongle = id == 3 ? 2 : 1;
        proxy.port = static_cast<std::uint16_t>(id);
        proxy.counter_row = static_cast<std::uint32_t>(id);
        if (auto added = proxies::insert(database, proxy); !added) return added.error();
      }
      return Done{};
    });
    EXPECT_TRUE(made) << made.error().text;
    start();
  }

  void start() {
    scheduler_.emplace(
        loop_, *store_,
        Scheduler::Parts{
            .clocks = {.wall = [this] { return wall_; },
                       .monotonic = [this] { return monotonic_; },
                       .look = 1ms},
            .is_ready = [this](std::int64_t dongle) { return !busy_.contains(dongle); },
            .rotate = [this](std::int64_t proxy) { rotate(proxy); },
            .random = [this] { return random_; }});
    const auto loaded = scheduler_->load();
    EXPECT_TRUE(loaded) << loaded.error().text;
  }
  // As after a stop for so long; the monotonic clock of the next machine begins anywhere.
  void restart(std::chrono::seconds after) {
    store_->flush();
    wall_ += after;
    monotonic_ += 100h;
    start();
  }
  void rotate(std::int64_t proxy) {
    rotated_.push_back(proxy);
    busy_.insert(proxy == 3 ? 2 : 1);
  }
  void end(std::int64_t dongle, bool worked = true) {
    busy_.erase(dongle);
    scheduler_->rotated(dongle, worked);
  }
  // Time passes on both clocks, and the loop has a moment to notice.
  void pass(std::chrono::seconds time) {
    wall_ += time;
    monotonic_ += time;
    turn();
  }
  void turn() {
    run_until(
        loop_, [] { return false; }, 15ms);
  }
  // What began since the last question, after its end.
  Numbers began() {
    for (const auto dongle : std::set<std::int64_t>(busy_)) end(dongle);
    return std::exchange(rotated_, {});
  }

  static ProxyRecord proxy(std::int64_t id, const std::string& interval,
                           const std::string& calendar = "") {
    ProxyRecord proxy;
    proxy.id = id;
    proxy.dongle = id == 3 ? 2 : 1;
    proxy.ext_ip_upd_interval = interval;
    proxy.ext_ip_upd_calendar = calendar;
    return proxy;
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  Wall::time_point wall_ = kNoon;
  Monotonic::time_point monotonic_{1000h};
  std::uint64_t random_ = 0;
  std::set<std::int64_t> busy_;  // Dongles.
  Numbers rotated_;              // Proxies, in the order in which they were told to.
  std::optional<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, RotatesAfterTheIntervalAndThenAgain) {
  scheduler_->plan(proxy(1, "15"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 15min);
  pass(15min - 1s);
  EXPECT_EQ(began(), Numbers{});
  pass(1s);
  EXPECT_EQ(began(), Numbers{1});
  EXPECT_EQ(scheduler_->next(1), kNoon + 30min);
  pass(15min);
  EXPECT_EQ(began(), Numbers{1});
}

TEST_F(SchedulerTest, DrawsWithinBothEndsOfTheRange) {
  random_ = 0;
  scheduler_->plan(proxy(1, "60-90"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 60min);
  random_ = 1800;
  scheduler_->plan(proxy(3, "60-90"));
  EXPECT_EQ(scheduler_->next(3), kNoon + 90min);
  random_ = 1801;
  scheduler_->plan(proxy(2, "60-90"));
  EXPECT_EQ(scheduler_->next(2), kNoon + 60min);
}

TEST_F(SchedulerTest, CountsTheIntervalFromTheEndOfWhoeversRotation) {
  scheduler_->plan(proxy(1, "15"));
  pass(10min);
  end(1);  // A customer's.
  EXPECT_EQ(scheduler_->next(1), kNoon + 25min);
  EXPECT_EQ(scheduler_->last_rotation(1), kNoon + 10min);
  pass(14min);
  EXPECT_EQ(began(), Numbers{});
  pass(1min);
  ASSERT_EQ(rotated_, Numbers{1});
  pass(1min);  // It takes that long.
  EXPECT_EQ(began(), Numbers{1});
  EXPECT_EQ(scheduler_->next(1), kNoon + 41min);
  EXPECT_EQ(scheduler_->last_rotation(2), std::nullopt);
}

TEST_F(SchedulerTest, ANewIntervalCountsFromTheLastRotationButNeverFallsDueAtOnce) {
  end(1);
  pass(10min);
  scheduler_->plan(proxy(1, "15"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 15min);
  scheduler_->plan(proxy(2, "5"));
  EXPECT_EQ(scheduler_->next(2), kNoon + 15min);
  turn();
  EXPECT_EQ(began(), Numbers{});
}

TEST_F(SchedulerTest, FollowsTheCalendarWhateverElseRotates) {
  scheduler_->plan(proxy(1, "", "*:0/10 UTC"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 10min);
  pass(9min);
  end(1);
  EXPECT_EQ(scheduler_->next(1), kNoon + 10min);
  pass(1min);
  EXPECT_EQ(began(), Numbers{1});
  EXPECT_EQ(scheduler_->next(1), kNoon + 20min);
}

TEST_F(SchedulerTest, TakesWhatComesFirstOfBoth) {
  scheduler_->plan(proxy(1, "15", "*:0/10 UTC"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 10min);
  pass(10min);
  EXPECT_EQ(began(), Numbers{1});
  pass(10min);
  EXPECT_EQ(began(), Numbers{1});
  scheduler_->plan(proxy(1, "5", "*:0/10 UTC"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 25min);
}

TEST_F(SchedulerTest, OneRotationServesAllProxiesOfTheDongle) {
  scheduler_->plan(proxy(1, "", "*:0/10 UTC"));
  scheduler_->plan(proxy(2, "", "*:0/5 UTC"));
  scheduler_->plan(proxy(3, "10"));
  pass(10min);
  EXPECT_EQ(rotated_, (Numbers{1, 3})) << "two dongles, once each";
  pass(1min);
  EXPECT_EQ(began(), (Numbers{1, 3})) << "never two at once";
  pass(1min);
  EXPECT_EQ(began(), Numbers{});
  EXPECT_EQ(scheduler_->next(1), kNoon + 20min);
  EXPECT_EQ(scheduler_->next(2), kNoon + 15min);
}

TEST_F(SchedulerTest, WaitsForADongleThatIsAwayAndThenRotatesOnce) {
  scheduler_->plan(proxy(1, "", "*:0/10 UTC"));
  busy_ = {1};
  pass(35min);
  EXPECT_EQ(rotated_, Numbers{});
  EXPECT_EQ(scheduler_->next(1), kNoon + 10min);
  busy_.clear();
  scheduler_->look_soon();
  turn();
  EXPECT_EQ(began(), Numbers{1});
  EXPECT_EQ(scheduler_->next(1), kNoon + 40min);
  turn();
  EXPECT_EQ(began(), Numbers{});
}

TEST_F(SchedulerTest, GivesADongleFiveSecondsBetweenTwo) {
  scheduler_->plan(proxy(1, "", "*:*:* UTC"));
  pass(1s);
  EXPECT_EQ(began(), Numbers{1});
  pass(4s);
  EXPECT_EQ(began(), Numbers{});
  pass(1s);
  EXPECT_EQ(began(), Numbers{1});
}

TEST_F(SchedulerTest, TriesAFailedOneTwiceMoreAndThenLeavesItAlone) {
  scheduler_->plan(proxy(1, "", "daily UTC"));
  pass(12h);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(rotated_, Numbers(static_cast<std::size_t>(i) + 1, 1)) << i;
    end(1, false);
    pass(5min - 1s);
    ASSERT_EQ(rotated_.size(), static_cast<std::size_t>(i) + 1) << "too early";
    pass(1s);
  }
  EXPECT_EQ(rotated_.size(), 3U);
  EXPECT_EQ(scheduler_->next(1), kNoon + 36h);
}

TEST_F(SchedulerTest, AFailureThatIsFollowedByASuccessIsForgotten) {
  scheduler_->plan(proxy(1, "10"));
  pass(10min);
  end(1, false);
  EXPECT_EQ(scheduler_->next(1), kNoon + 15min);
  end(1, false);  // Somebody else's, while ours is not due.
  pass(5min);
  EXPECT_EQ(began(), (Numbers{1, 1}));
  EXPECT_EQ(scheduler_->next(1), kNoon + 25min);
}

TEST_F(SchedulerTest, ARestartChangesNothing) {
  random_ = 777;
  scheduler_->plan(proxy(1, "60-90"));
  scheduler_->plan(proxy(3, "", "daily UTC"));
  const auto next = scheduler_->next(1);
  ASSERT_EQ(next, kNoon + 60min + 777s);
  end(2);
  random_ = 0;
  for (int i = 0; i < 3; ++i) {
    restart(10min);
    scheduler_->plan(proxy(1, "60-90"));
    scheduler_->plan(proxy(3, "", "daily UTC"));
    EXPECT_EQ(scheduler_->next(1), next);
    EXPECT_EQ(scheduler_->next(3), kNoon + 12h);
    EXPECT_EQ(scheduler_->last_rotation(2), kNoon);
    turn();
    EXPECT_EQ(began(), Numbers{});
  }
}

TEST_F(SchedulerTest, WhatWasMissedWhileNobodyRanHappensOnce) {
  scheduler_->plan(proxy(1, "15"));
  scheduler_->plan(proxy(3, "", "hourly UTC"));
  restart(50h + 30min);
  scheduler_->plan(proxy(1, "15"));
  scheduler_->plan(proxy(3, "", "hourly UTC"));
  turn();
  EXPECT_EQ(began(), (Numbers{1, 3}));
  EXPECT_EQ(scheduler_->next(1), kNoon + 50h + 45min);
  EXPECT_EQ(scheduler_->next(3), kNoon + 51h);
  restart(5min);
  scheduler_->plan(proxy(1, "15"));
  scheduler_->plan(proxy(3, "", "hourly UTC"));
  turn();
  EXPECT_EQ(began(), Numbers{}) << "and not once more";
}

TEST_F(SchedulerTest, AStopInTheMiddleOfARotationDoesNotLoseIt) {
  scheduler_->plan(proxy(1, "15"));
  pass(15min);
  ASSERT_EQ(std::exchange(rotated_, {}), Numbers{1});
  busy_.clear();
  restart(1min);
  scheduler_->plan(proxy(1, "15"));
  turn();
  EXPECT_EQ(began(), Numbers{1});
}

TEST_F(SchedulerTest, IntervalsDoNotCareForTheWallClock) {
  scheduler_->plan(proxy(1, "15"));
  for (const auto jump : {std::chrono::seconds(-1h), std::chrono::seconds(17520h)}) {
    wall_ += jump;
    turn();
    EXPECT_EQ(began(), Numbers{}) << jump.count();
    EXPECT_EQ(scheduler_->next(1), std::chrono::floor<std::chrono::seconds>(wall_) + 15min);
  }
  pass(15min);
  EXPECT_EQ(began(), Numbers{1});
}

TEST_F(SchedulerTest, CalendarsFollowTheWallClock) {
  scheduler_->plan(proxy(1, "", "hourly UTC"));
  ASSERT_EQ(scheduler_->next(1), kNoon + 1h);
  wall_ -= 2h + 1min;
  turn();
  EXPECT_EQ(scheduler_->next(1), kNoon - 2h);
  EXPECT_EQ(began(), Numbers{});
  wall_ += 17520h;
  turn();
  EXPECT_EQ(began(), Numbers{1}) << "once for all those hours";
  turn();
  EXPECT_EQ(began(), Numbers{});
  EXPECT_EQ(scheduler_->next(1), kNoon + 17518h);
}

TEST_F(SchedulerTest, AClockSetBackWhileNobodyRanDelaysNobodyBeyondTheInterval) {
  scheduler_->plan(proxy(1, "15"));
  scheduler_->plan(proxy(3, "", "hourly UTC"));
  restart(-100h - 1min);
  scheduler_->plan(proxy(1, "15"));
  scheduler_->plan(proxy(3, "", "hourly UTC"));
  EXPECT_EQ(scheduler_->next(1), kNoon - 100h + 14min);
  EXPECT_EQ(scheduler_->next(3), kNoon - 100h);
}

TEST_F(SchedulerTest, RotatesWithinTheRentalOnly) {
  auto rented = proxy(1, "10", "*:0/30 UTC");
  rented.in_use_from = kNoon + 1h;
  rented.in_use_till = kNoon + 75min;
  scheduler_->plan(rented);
  EXPECT_EQ(scheduler_->next(1), kNoon + 1h) << "a moment at its beginning counts";
  pass(1h - 1s);
  EXPECT_EQ(began(), Numbers{});
  pass(1s);
  EXPECT_EQ(began(), Numbers{1});
  EXPECT_EQ(scheduler_->next(1), kNoon + 70min);
  pass(10min);
  EXPECT_EQ(began(), Numbers{1});
  EXPECT_EQ(scheduler_->next(1), std::nullopt) << "over by then";
  pass(24h);
  EXPECT_EQ(began(), Numbers{});
  rented.in_use_till.reset();
  scheduler_->plan(rented);
  EXPECT_EQ(scheduler_->next(1), kNoon + 25h + 20min);
}

TEST_F(SchedulerTest, AnotherChangeOfTheProxyLeavesItsTimesAlone) {
  random_ = 5;
  scheduler_->plan(proxy(1, "10-20", "daily UTC"));
  random_ = 9;
  auto changed = proxy(1, "10-20", "daily UTC");
  changed.password = "another";
  scheduler_->plan(changed);
  EXPECT_EQ(scheduler_->next(1), kNoon + 10min + 5s);
  changed.ext_ip_upd_calendar = "weekly UTC";
  scheduler_->plan(changed);
  EXPECT_EQ(scheduler_->next(1), kNoon + 10min + 5s);
  changed.ext_ip_upd_interval.reset();
  scheduler_->plan(changed);
  EXPECT_EQ(scheduler_->next(1), kNoon + 6 * 24h + 12h);
}

TEST_F(SchedulerTest, ATakenBackScheduleIsGoneForGood) {
  scheduler_->plan(proxy(1, "10"));
  scheduler_->plan(proxy(1, ""));
  EXPECT_EQ(scheduler_->next(1), std::nullopt);
  scheduler_->plan(proxy(2, "10"));
  scheduler_->forget(2);
  pass(20min);
  EXPECT_EQ(began(), Numbers{});
  const auto stored = store_->wait([](Database& database) { return schedules::all(database); });
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->size(), 1U) << "the removal of a proxy takes its row along";
  EXPECT_EQ(stored->front().proxy, 2);
}

TEST_F(SchedulerTest, NonsenseFromAnOlderVersionIsNoSchedule) {
  scheduler_->plan(proxy(1, "often", "when it rains"));
  EXPECT_EQ(scheduler_->next(1), std::nullopt);
  scheduler_->plan(proxy(1, "often", "daily UTC"));
  EXPECT_EQ(scheduler_->next(1), kNoon + 12h);
}

}  // namespace
}  // namespace airlane::test
