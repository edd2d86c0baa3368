// Connections of one proxy on one reactor, in real time: how much they may move, and when.
#include "proxy/throttle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace airlane::test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint64_t kMegabit = 125'000;

std::shared_ptr<ProxyPort> proxy_with(const Limits& limits) {
  auto proxy = std::make_shared<ProxyPort>();
  proxy->limits = limits;
  return proxy;
}

std::array<CounterSlot, 2> no_bytes() { return {}; }

// Moves down whatever it is allowed, as long as the reactor runs.
class Greedy {
 public:
  Greedy(Reactor& reactor, const std::shared_ptr<const ProxyPort>& proxy,
         std::span<CounterSlot> row)
      : reactor_(reactor),
        row_(row),
        throttle_(reactor, Callback<void()>::to<&Greedy::move>(*this), proxy, row) {
    reactor.defer(Callback<void()>::to<&Greedy::move>(*this));
  }

  void move() {
    for (;;) {
      const auto most = throttle_.allowance(Way::kDown, 1 << 20);
      if (!most) {
        over_quota = most.error().code == Errc::kOverQuota;
        return;
      }
      if (*most == 0) return;
      moved += *most;
      throttle_.moved(Way::kDown, *most);
      row_[0].add_incoming(*most);
      const auto now = Monotonic::now();
      if (last_ != Monotonic::time_point()) longest_gap = std::max(longest_gap, now - last_);
      last_ = now;
    }
  }
  void adopt(std::shared_ptr<const ProxyPort> proxy) { throttle_.adopt(std::move(proxy)); }

  std::uint64_t moved = 0;
  Monotonic::duration longest_gap{};
  bool over_quota = false;

 private:
  Reactor& reactor_;
  std::span<CounterSlot> row_;
  Throttle throttle_;
  Monotonic::time_point last_;
};

class Running {
 public:
  void run(std::chrono::milliseconds time) {
    Alarm end(reactor, Callback<void()>::to<&Reactor::stop>(reactor));
    end.start(time);
    reactor.run();
  }

  Reactor reactor;
};

class Throttled : public ::testing::Test, protected Running {
 protected:
  Greedy& add(const std::shared_ptr<const ProxyPort>& proxy) {
    all_.push_back(std::make_unique<Greedy>(reactor, proxy, row_));
    return *all_.back();
  }
  std::uint64_t sum() const {
    std::uint64_t sum = 0;
    for (const auto& one : all_) sum += one->moved;
    return sum;
  }

  std::array<CounterSlot, 2> row_ = no_bytes();
  std::vector<std::unique_ptr<Greedy>> all_;
};

TEST_F(Throttled, AloneGetsTheWholeRateSmoothly) {
  const auto& one = add(proxy_with({.download_bytes_per_second = kMegabit}));
  run(2000ms);
  EXPECT_NEAR(static_cast<double>(one.moved), 2.1 * kMegabit, 0.15 * 2.1 * kMegabit);
  EXPECT_LT(one.longest_gap, 300ms);
}

TEST_F(Throttled, EightShareARateFairly) {
  const auto proxy = proxy_with({.download_bytes_per_second = kMegabit});
  for (int i = 0; i < 8; ++i) add(proxy);
  run(3000ms);
  EXPECT_NEAR(static_cast<double>(sum()), 3.1 * kMegabit, 0.15 * 3.1 * kMegabit);
  for (const auto& one : all_) {
    // Who came first had the full bucket to himself.
    EXPECT_NEAR(static_cast<double>(one->moved), static_cast<double>(sum()) / 8, 16'000);
  }
}

TEST_F(Throttled, AHighRateIsReached) {
  add(proxy_with({.download_bytes_per_second = 1000 * kMegabit}));
  run(1000ms);
  EXPECT_GT(sum(), 800 * kMegabit);
  EXPECT_LT(sum(), 1300 * kMegabit);
}

TEST_F(Throttled, ProxiesDoNotDisturbEachOther) {
  const auto& slow = add(proxy_with({.download_bytes_per_second = kMegabit}));
  const auto& fast = add(proxy_with({.download_bytes_per_second = 100 * kMegabit}));
  run(1000ms);
  EXPECT_LT(slow.moved, 2 * kMegabit);
  EXPECT_GT(fast.moved, 80 * kMegabit);
}

TEST_F(Throttled, WhoWaitsNoticesAnotherRate) {
  const auto proxy = proxy_with({.download_bytes_per_second = 1000});
  for (int i = 0; i < 8; ++i) add(proxy);  // The last of them is due in twelve seconds.
  run(200ms);
  EXPECT_LE(sum(), 2U * 1448);
  const auto faster = std::make_shared<ProxyPort>(*proxy);
  faster->limits.download_bytes_per_second = kMegabit;
  for (auto& one : all_) one->adopt(faster);
  run(3000ms);
  for (const auto& one : all_) EXPECT_GT(one->moved, 10'000U);
}

TEST_F(Throttled, WhoWaitsNoticesThatThereIsNoRateAnyMore) {
  const auto proxy = proxy_with({.download_bytes_per_second = 1000, .quota = Quota{1 << 20, 0}});
  auto& one = add(proxy);
  run(100ms);
  const auto free = std::make_shared<ProxyPort>(*proxy);
  free->limits.download_bytes_per_second = 0;
  one.adopt(free);
  run(100ms);
  EXPECT_TRUE(one.over_quota) << "it has moved everything there was";
}

TEST(Throttle, GivesBackWhatTheSourceDidNotHave) {
  Reactor reactor;
  const auto proxy = proxy_with({.upload_bytes_per_second = kMegabit});
  auto row = no_bytes();
  struct Nobody {
    void wake() {}
  } nobody;
  const auto wake = Callback<void()>::to<&Nobody::wake>(nobody);
  // Thousands of connections that have a byte to say each: they get more than a hundred portions'
  // worth of turns at once.
  std::vector<std::unique_ptr<Throttle>> all;
  for (int i = 0; i < 5000; ++i) {
    all.push_back(std::make_unique<Throttle>(reactor, wake, proxy, row));
    const auto most = all.back()->allowance(Way::kUp, 16 << 10);
    ASSERT_TRUE(most);
    ASSERT_GT(*most, 0U) << i;
    all.back()->moved(Way::kUp, 1);
    all.back()->rest(Way::kUp);
  }
  EXPECT_EQ(*all.back()->allowance(Way::kDown, 999), 999U) << "the other way has no limit";
}

TEST(Throttle, GivesBackWhatItHeldWhenItEnds) {
  Reactor reactor;
  const auto proxy = proxy_with({.upload_bytes_per_second = kMegabit});
  auto row = no_bytes();
  struct Nobody {
    void wake() {}
  } nobody;
  for (int i = 0; i < 1000; ++i) {
    Throttle one(reactor, Callback<void()>::to<&Nobody::wake>(nobody), proxy, row);
    ASSERT_GT(*one.allowance(Way::kUp, 16 << 10), 0U) << i;
  }
}

TEST_F(Throttled, TheQuotaEndsItToTheByte) {
  const auto proxy = proxy_with({.quota = Quota{.bytes = 10'000'000, .baseline = 0}});
  auto& one = add(proxy);
  run(50ms);
  EXPECT_TRUE(one.over_quota);
  EXPECT_GE(one.moved, 10'000'000U);
  EXPECT_LE(one.moved, 10'000'000U + Throttle::kQuotaPortion);
  EXPECT_FALSE(has_quota_left(proxy->limits, row_));
}

TEST_F(Throttled, TheQuotaCountsFromItsBaselineAndBothWays) {
  row_[0].add_incoming(5'000'000);
  row_[1].add_outgoing(7'000'000);
  const auto limits = Limits{.quota = Quota{.bytes = 1'000'000, .baseline = 12'000'000}};
  EXPECT_TRUE(has_quota_left(limits, row_));
  row_[1].add_outgoing(1'000'000);
  EXPECT_FALSE(has_quota_left(limits, row_)) << "another worker's bytes count";
  row_[0].incoming = 0;
  EXPECT_TRUE(has_quota_left(limits, row_)) << "a new counter file begins at 0";
}

TEST(Throttle, IsOnlyNeededForARateOrAQuota) {
  EXPECT_FALSE(Throttle::is_needed({}));
  EXPECT_FALSE(Throttle::is_needed({.connections = 5, .new_per_second = 5}));
  EXPECT_TRUE(Throttle::is_needed({.upload_bytes_per_second = 1}));
  EXPECT_TRUE(Throttle::is_needed({.download_bytes_per_second = 1}));
  EXPECT_TRUE(Throttle::is_needed({.quota = Quota{}}));
}

}  // namespace
}  // namespace airlane::test
