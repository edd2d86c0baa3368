// Scheduled rotations in the whole farm: by clocks that a test turns, through a modem that is a
// program, with everything that a rotation means for tunnels and customers.
#include <gtest/gtest.h>

#include "tests/control/farm_fixture.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

constexpr WallSeconds kNoon{std::chrono::sys_days{std::chrono::year_month_day(2026y / 6 / 1)} +
                            12h};

class FarmScheduleTest : public FarmTest {
 protected:
  FarmScheduleTest() {
    clocks_ = {
        .wall = [this] { return wall_; }, .monotonic = [this] { return monotonic_; }, .look = 5ms};
    std::filesystem::create_directory(folder_.file("rotations"));
  }

  // Every rotation leaves a file, and takes its time.
  std::int64_t add_modem(const std::string& name, const std::string& interface,
                         const std::string& how = "/bin/mktemp") {
    return add_dongle(name, interface, "command",
                      {{"rotate", how + " " + folder_.file("rotations/XXXXXX")}});
  }
  [[nodiscard]] std::size_t rotations() const {
    using Files = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Files(folder_.file("rotations")), Files()));
  }
  bool comes_to(std::size_t count) {
    return run_until(loop_, [&] {
      return rotations() >= count && farm_->state_of(1) == DongleState::kUp &&
             !farm_->busy_since(1);
    });
  }
  // Time in which something could happen, but must not.
  void idle() {
    run_until(
        loop_, [] { return false; }, 100ms);
  }
  void pass(std::chrono::seconds time) {
    wall_ += time;
    monotonic_ += time;
  }
  std::int64_t add_scheduled(std::int64_t dongle, std::uint16_t port, const std::string& interval,
                             const std::string& calendar = "") {
    auto proxy = proxy_on(dongle, port);
    proxy.ext_ip_upd_interval = interval;
    proxy.ext_ip_upd_calendar = calendar;
    const auto added =
        answer<ProxyRecord>(loop_, [&](auto then) { farm_->add_proxy(proxy, std::move(then)); });
    if (added) return added->id;
    ADD_FAILURE() << added.error().text;
    return 0;
  }

  Wall::time_point wall_ = kNoon;
  Monotonic::time_point monotonic_{1000h};
};

TEST_F(FarmScheduleTest, AScheduledRotationIsOneLikeAnyOther) {
  start();
  const auto ten = add_modem("ten", "wwan0");
  const auto proxy = add_scheduled(ten, 20001, "60-90");
  const auto next = *farm_->next_rotation(proxy);
  EXPECT_GE(next, kNoon + 60min);
  EXPECT_LE(next, kNoon + 90min);
  const auto before = world_->egresses.at(ten)->generation;
  pass(60min - 1s);
  idle();
  EXPECT_EQ(rotations(), 0U);
  pass(30min + 1s);
  ASSERT_TRUE(comes_to(1));
  EXPECT_GT(world_->egresses.at(ten)->generation, before) << "old tunnels have ended";
  EXPECT_EQ(farm_->last_rotation(ten), kNoon + 90min);
  EXPECT_GE(*farm_->next_rotation(proxy), kNoon + 150min);
  idle();
  EXPECT_EQ(rotations(), 1U);
}

TEST_F(FarmScheduleTest, TwoProxiesOfADongleShareARotation) {
  start();
  const auto ten = add_modem("ten", "wwan0");
  const auto one = add_scheduled(ten, 20001, "15");
  const auto two = add_scheduled(ten, 20002, "", "*:0/15 UTC");
  pass(15min);
  ASSERT_TRUE(comes_to(1));
  EXPECT_EQ(farm_->next_rotation(one), kNoon + 30min);
  EXPECT_EQ(farm_->next_rotation(two), kNoon + 30min);
  idle();
  EXPECT_EQ(rotations(), 1U);
}

TEST_F(FarmScheduleTest, ACustomersRotationIsTheScheduledOneIfItRunsThen) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.3"}});
  const auto proxy = add_scheduled(ten, 20001, "", "*:0/15 UTC");
  std::optional<Outcome<Rotated>> rotated;
  farm_->rotate({proxy}, [&](std::int64_t, auto outcome) { rotated = outcome; });
  pass(15min);
  ASSERT_TRUE(run_until(loop_, [&] { return rotated.has_value(); }));
  EXPECT_TRUE(*rotated) << rotated->error().text;
  EXPECT_EQ(farm_->next_rotation(proxy), kNoon + 30min);
  pass(10s);
  idle();
  EXPECT_FALSE(farm_->busy_since(ten));
}

TEST_F(FarmScheduleTest, ACustomerMayNotRotateInTheMiddleOfAScheduledOne) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.3"}});
  const auto proxy = add_scheduled(ten, 20001, "15");
  pass(15min);
  ASSERT_TRUE(run_until(loop_, [&] { return farm_->busy_since(ten).has_value(); }));
  EXPECT_EQ(farm_->state_of(ten), DongleState::kRotating);
  EXPECT_EQ(rotate(proxy).error().kind, Failure::Kind::kConflict);
  ASSERT_TRUE(run_until(loop_, [&] { return farm_->state_of(ten) == DongleState::kUp; }));
  EXPECT_TRUE(rotate(proxy)) << "and at once after it";
}

TEST_F(FarmScheduleTest, WhatWasMissedDuringAStopHappensOnce) {
  start();
  const auto ten = add_modem("ten", "wwan0");
  const auto one = add_scheduled(ten, 20001, "15");
  const auto two = add_scheduled(ten, 20002, "", "hourly UTC");
  const auto next = farm_->next_rotation(one);
  farm_.reset();
  pass(5min);
  start();
  EXPECT_EQ(farm_->next_rotation(one), next);
  idle();
  EXPECT_EQ(rotations(), 0U);
  farm_.reset();
  wall_ += 50h;
  monotonic_ = Monotonic::time_point(1h);  // As after a boot.
  start();
  ASSERT_TRUE(comes_to(1));
  idle();
  EXPECT_EQ(rotations(), 1U);
  EXPECT_EQ(farm_->next_rotation(one), kNoon + 50h + 20min);
  EXPECT_EQ(farm_->next_rotation(two), kNoon + 51h);
  farm_.reset();
  start();
  idle();
  EXPECT_EQ(rotations(), 1U);
}

TEST_F(FarmScheduleTest, ADongleThatIsPulledOutIsRotatedWhenItIsBack) {
  start();
  const auto ten = add_modem("ten", "wwan0");
  (void)add_scheduled(ten, 20001, "", "*:0/15 UTC");
  kernel_.interfaces.erase("wwan0");
  kernel_.lose("wwan0");
  ASSERT_TRUE(run_until(loop_, [&] { return farm_->state_of(ten) != DongleState::kUp; }));
  pass(40min);
  idle();
  EXPECT_EQ(rotations(), 0U);
  kernel_.interfaces["wwan0"] = hilink(9);
  kernel_.gain("wwan0");
  ASSERT_TRUE(comes_to(1));
  idle();
  EXPECT_EQ(rotations(), 1U);
}

TEST_F(FarmScheduleTest, RefusesNonsenseAndWhatNeverComesAgain) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  auto proxy = *add_proxy(ten, 20001);
  proxy.ext_ip_upd_interval = "1h-5m";
  EXPECT_EQ(change_proxy(proxy).error().text,
            "The field ext_ip_upd_interval must be like 15, 60-90 (minutes) or 1h-2h: at "
            "character 4: the range ends before it begins.");
  proxy.ext_ip_upd_interval.reset();
  proxy.ext_ip_upd_calendar = "2026-06-01 11:59 UTC";
  EXPECT_EQ(change_proxy(proxy).error().text,
            "The field ext_ip_upd_calendar is 2026-06-01 11:59:00 UTC, which never comes again.");
  EXPECT_EQ(farm_->next_rotation(proxy.id), std::nullopt);
  proxy.ext_ip_upd_calendar = "2026-06-01 12:01 UTC";
  EXPECT_TRUE(change_proxy(proxy));
  EXPECT_EQ(farm_->next_rotation(proxy.id), kNoon + 1min);
  pass(1h);
  proxy.comment = "That was given when it was good.";
  EXPECT_TRUE(change_proxy(proxy));
}

}  // namespace
}  // namespace airlane::test
