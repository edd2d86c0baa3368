// The jobs of a farm: whatever is ordered of a dongle can be followed, also by a farm that comes
// after the one that was told.
#include <gmock/gmock.h>

#include "tests/control/farm_fixture.h"

namespace airlane::test {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr WallSeconds kNoon{std::chrono::sys_days{std::chrono::year_month_day(2026y / 6 / 1)} +
                            12h};

class FarmJobsTest : public FarmTest {
 protected:
  FarmJobsTest() {
    clocks_ = {
        .wall = [this] { return wall_; }, .monotonic = [this] { return monotonic_; }, .look = 5ms};
  }
  void pass(std::chrono::milliseconds time) {
    wall_ += time;
    monotonic_ += time;
  }

  std::optional<JobRecord> find(std::int64_t id) {
    using Found = std::optional<JobRecord>;
    const auto found =
        answer<Found>(loop_, [&](auto then) { farm_->jobs().find(id, std::move(then)); });
    if (!found) ADD_FAILURE() << found.error().text;
    return found ? *found : std::nullopt;
  }
  std::vector<JobRecord> list(const JobFilter& filter) {
    using Found = std::vector<JobRecord>;
    const auto found =
        answer<Found>(loop_, [&](auto then) { farm_->jobs().list(filter, std::move(then)); });
    if (!found) ADD_FAILURE() << found.error().text;
    return found ? *found : Found{};
  }
  std::int64_t order(std::int64_t proxy, JobCause cause = JobCause::kApi) {
    return farm_->rotate({proxy, cause}, [this](std::int64_t job, const Outcome<Rotated>&) {
      ended_.push_back(job);
    });
  }
  bool ends(std::int64_t job) {
    return run_until(loop_, [&] { return std::count(ended_.begin(), ended_.end(), job) == 1; });
  }

  Wall::time_point wall_ = kNoon;
  Monotonic::time_point monotonic_{1000h};
  std::vector<std::int64_t> ended_;
};

TEST_F(FarmJobsTest, ARotationIsAJobFromItsOrderToItsEnd) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.2"}});
  const auto proxy = *add_proxy(ten, 20001);
  const auto id = order(proxy.id, JobCause::kLink);
  ASSERT_EQ(id, 1);
  pass(2500ms);
  auto job = find(id).value();
  EXPECT_EQ(job.state, "running");
  EXPECT_EQ(job.action, "rotate");
  EXPECT_EQ(job.cause, "link");
  EXPECT_EQ(job.proxy, proxy.id);
  EXPECT_EQ(job.user, user_);
  EXPECT_EQ(job.dongle, ten);
  EXPECT_EQ(job.started, kNoon);
  EXPECT_EQ(job.took, 2500ms) << "so far";
  pass(500ms);
  ASSERT_TRUE(ends(id));
  job = find(id).value();
  EXPECT_EQ(job.state, "done");
  EXPECT_EQ(job.took, 3000ms);
  EXPECT_EQ(job.attempts, 1);
  EXPECT_EQ(job.new_ip, std::nullopt);
  EXPECT_THAT(job.error, HasSubstr("external IP is not known")) << "nobody could be asked";
}

TEST_F(FarmJobsTest, AClockThatIsSetMakesNoJobLonger) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.1"}});
  const auto id = order(add_proxy(ten, 20001)->id);
  pass(1s);
  wall_ -= 1h;
  EXPECT_EQ(find(id)->took, 1s);
  wall_ += 24h * 365 * 2;
  ASSERT_TRUE(ends(id));
  EXPECT_EQ(find(id)->took, 1s);
  EXPECT_EQ(find(id)->started, kNoon);
}

TEST_F(FarmJobsTest, WhatIsRefusedAtOnceIsNoJobAndWhatFailsIsOne) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.2"}});
  const auto one = *add_proxy(ten, 20001);
  const auto two = *add_proxy(ten, 20002);
  const auto none = *add_proxy(add_dongle("eleven", "wwan1"), 20003);
  const auto id = order(one.id);
  EXPECT_EQ(order(two.id), 0) << "the dongle is busy";
  EXPECT_EQ(order(4711), 0) << "there is no such proxy";
  const auto hopeless = order(none.id);
  EXPECT_EQ(hopeless, 2);
  ASSERT_TRUE(ends(id));
  ASSERT_TRUE(ends(hopeless));
  const auto job = find(hopeless).value();
  EXPECT_EQ(job.state, "failed");
  EXPECT_THAT(job.error, HasSubstr("no modem control"));
  EXPECT_EQ(job.attempts, 0);
  EXPECT_EQ(list({.limit = 9}).size(), 2U);
}

TEST_F(FarmJobsTest, AScheduledOneIsAJobToo) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/true"}});
  auto proxy = proxy_on(ten, 20001);
  proxy.ext_ip_upd_interval = "15";
  ASSERT_TRUE(
      answer<ProxyRecord>(loop_, [&](auto then) { farm_->add_proxy(proxy, std::move(then)); }));
  pass(15min);
  ASSERT_TRUE(run_until(loop_, [&] { return farm_->last_rotation(ten).has_value(); }));
  const auto jobs = list({.dongle = ten, .limit = 9});
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].cause, "schedule");
  EXPECT_EQ(jobs[0].state, "done");
}

TEST_F(FarmJobsTest, ARebootIsAJobThatRunsOnWhenTheModemHasTakenTheOrder) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"reboot", "/bin/true"}});
  const auto proxy = *add_proxy(ten, 20001);
  std::int64_t told = 0;
  const auto id = farm_->reboot(proxy.id, JobCause::kAdmin, [&](auto job, const auto& taken) {
    EXPECT_TRUE(taken);
    told = job;
  });
  EXPECT_EQ(id, 1);
  ASSERT_TRUE(run_until(loop_, [&] { return told == id; }));
  const auto job = find(id).value();
  EXPECT_EQ(job.state, "running");
  EXPECT_EQ(job.action, "reboot");
  EXPECT_EQ(job.cause, "admin");
}

TEST_F(FarmJobsTest, ARefusedRebootIsAJobThatFailed) {
  start();
  const auto proxy = *add_proxy(add_dongle("ten", "wwan0"), 20001);
  std::int64_t told = 0;
  const auto id = farm_->reboot(proxy.id, JobCause::kApi, [&](auto job, const auto& taken) {
    EXPECT_FALSE(taken);
    told = job;
  });
  ASSERT_TRUE(run_until(loop_, [&] { return told == id && !farm_->busy_since(1); }));
  EXPECT_EQ(find(id)->state, "failed");
}

TEST_F(FarmJobsTest, OneThatRunsWhenTheFarmGoesHasFailedForTheNext) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 20"}});
  const auto id = order(add_proxy(ten, 20001)->id);
  ASSERT_TRUE(answer<Done>(loop_, [&](auto then) { farm_->jobs().when_kept(then); }));
  farm_.reset();
  start();
  const auto job = find(id).value();
  EXPECT_EQ(job.state, "failed");
  EXPECT_THAT(job.error, HasSubstr("server ended"));
  EXPECT_EQ(job.took, std::nullopt);
  EXPECT_EQ(order(job.proxy), id + 1) << "no id is given twice";
}

TEST_F(FarmJobsTest, OfEachDongleOnlySoManyAreKept) {
  config_.rotation.jobs = 3;
  start();
  const auto proxy = *add_proxy(add_dongle("ten", "wwan0"), 20001);
  for (int i = 1; i <= 10; ++i) ASSERT_TRUE(ends(order(proxy.id)));
  const auto jobs = list({.proxy = proxy.id, .limit = 100});
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs.front().id, 10);
  EXPECT_EQ(jobs.back().id, 8);
  EXPECT_EQ(find(7), std::nullopt);
}

TEST_F(FarmJobsTest, RotationsAreCountedByTheirEnd) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/true"}});
  const auto eleven = add_dongle("eleven", "wwan1");
  const auto one = *add_proxy(ten, 20001);
  const auto two = *add_proxy(eleven, 20002);
  ASSERT_TRUE(ends(order(one.id)));
  ASSERT_TRUE(ends(order(two.id)));
  ASSERT_TRUE(ends(order(two.id)));
  EXPECT_EQ(farm_->jobs().tally(ten).unknown, 1U) << "nobody could be asked for the addresses";
  EXPECT_EQ(farm_->jobs().tally(ten).failed, 0U);
  EXPECT_EQ(farm_->jobs().tally(eleven).failed, 2U);
}

TEST_F(FarmJobsTest, TheAddressesOfADongleAreToldWithHowManyThereWere) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  ASSERT_TRUE(store_->wait([&](Database& database) -> Outcome<Done> {
    int when = 100;
    for (const int last : {1, 2, 1, 2}) {
      const auto ip = *Address::parse("198.51.100." + std::to_string(last));
      auto done = ip_history::record(database, ten, ip, from_unix(when++), "rotation", 100);
      if (!done) return done;
    }
    return Done{};
  }));
  const auto history = answer<AddressHistory>(loop_, [&](auto then) {
    farm_->addresses({.dongle = ten, .limit = 3}, from_unix(101), std::move(then));
  });
  ASSERT_TRUE(history);
  EXPECT_EQ(history->addresses.size(), 3U);
  EXPECT_EQ(history->addresses.front().from, from_unix(103));
  EXPECT_EQ(history->count.periods, 3);
  EXPECT_EQ(history->count.addresses, 2);
}

}  // namespace
}  // namespace airlane::test
