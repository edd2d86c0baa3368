#include "control/usage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "db/dongles.h"
#include "db/proxies.h"
#include "db/users.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

constexpr CounterFile::Shape kShape{.workers = 2, .rows = 8};

class UsageTest : public testing::Test {
 protected:
  UsageTest() {
    (void)store_->wait([&](Database& database) -> Outcome<Done> {
      UserRecord user;
      user.name = user.api_key = user.password_hash = "alice";
      DongleRecord dongle;
      dongle.name = dongle.interface = dongle.driver = "ten";
      ProxyRecord proxy;
      proxy.user = *users::insert(database, user);
      proxy.dongle = *dongles::insert(database, dongle);
      proxy.username = proxy.password = "alice";
      for (std::uint32_t row = 0; row < 2; ++row) {
        proxy.port = static_cast<std::uint16_t>(20001 + row);
        proxy.counter_row = row;
        proxy_[row] = *proxies::insert(database, proxy);
      }
      return Done{};
    });
  }

  void start(CounterFile::Shape shape = kShape) {
    auto counters = Usage::open_counters(folder_.file("counters"), shape, *store_);
    ASSERT_TRUE(counters) << counters.error().text;
    counters_ = std::make_unique<CounterFile>(*std::move(counters));
    usage_ = std::make_unique<Usage>(loop_, *store_, *counters_, [this] {
      return std::vector<CountedRow>{{0, proxy_[0]}, {1, proxy_[1]}};
    });
  }
  // As kill -9 leaves things: no last fold.
  void crash() {
    usage_.reset();
    counters_.reset();
  }
  Usage::Sum report(std::int64_t proxy) {
    const auto now = wall_now();
    return *answer<Usage::Sum>(loop_, [&](auto then) {
      usage_->report(proxy, now - std::chrono::hours(1), now + std::chrono::hours(1),
                     std::move(then));
    });
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::int64_t proxy_[2] = {};
  std::unique_ptr<CounterFile> counters_;
  std::unique_ptr<Usage> usage_;
};

TEST_F(UsageTest, AReportHasTheBytesOfTheLastMoment) {
  start();
  counters_->slot(0, 0).add_incoming(1000);
  counters_->slot(0, 1).add_incoming(1);
  counters_->slot(0, 1).add_outgoing(10);
  counters_->slot(1, 1).add_incoming(7);
  EXPECT_EQ(report(proxy_[0]).incoming, 1001U);
  EXPECT_EQ(report(proxy_[0]).outgoing, 10U);
  EXPECT_EQ(report(proxy_[1]).incoming, 7U);
}

TEST_F(UsageTest, ReportsThatComeTogetherAreAllAnswered) {
  start();
  counters_->slot(0, 0).add_incoming(5);
  std::vector<std::uint64_t> sums;
  for (int i = 0; i < 3; ++i) {
    usage_->report(proxy_[0], wall_now() - std::chrono::hours(1),
                   wall_now() + std::chrono::hours(1),
                   [&](Outcome<Usage::Sum> sum) { sums.push_back(sum->incoming); });
  }
  ASSERT_TRUE(run_until(loop_, [&] { return sums.size() == 3; }));
  EXPECT_EQ(sums, (std::vector<std::uint64_t>{5, 5, 5}));
}

TEST_F(UsageTest, ACrashLosesNoByteAndCountsNoneTwice) {
  start();
  counters_->slot(0, 0).add_incoming(1000);
  EXPECT_EQ(report(proxy_[0]).incoming, 1000U);
  counters_->slot(0, 0).add_incoming(234);
  crash();
  start();
  EXPECT_EQ(report(proxy_[0]).incoming, 1234U);
  crash();
  start();
  EXPECT_EQ(report(proxy_[0]).incoming, 1234U);
}

TEST_F(UsageTest, ACleanStopFoldsTheLastBytes) {
  start();
  counters_->slot(1, 0).add_outgoing(55);
  usage_->stop();
  const auto now = wall_now();
  const auto sum = store_->wait([&](Database& database) {
    return traffic::sum(database, proxy_[1], now - std::chrono::hours(1),
                        now + std::chrono::hours(1), now);
  });
  EXPECT_EQ(sum->outgoing, 55U);
}

TEST_F(UsageTest, AFileOfAnotherShapeIsFoldedAndReplaced) {
  start();
  counters_->slot(1, 1).add_incoming(300);
  crash();
  start({.workers = 4, .rows = 16});
  EXPECT_EQ(counters_->shape().workers, 4U);
  EXPECT_EQ(report(proxy_[1]).incoming, 300U);
  counters_->slot(1, 3).add_incoming(1);
  EXPECT_EQ(report(proxy_[1]).incoming, 301U);
}

TEST_F(UsageTest, AFileThatIsBehindTheDatabaseIsRaised) {
  start();
  counters_->slot(0, 0).add_incoming(1000);
  EXPECT_EQ(report(proxy_[0]).incoming, 1000U);
  counters_->slot(0, 0).incoming = 400;  // As after a power cut.
  crash();
  start();
  counters_->slot(0, 0).add_incoming(5);
  EXPECT_EQ(report(proxy_[0]).incoming, 1005U);
}

TEST_F(UsageTest, BytesInARowOfNobodyAreNotChargedToItsNextOwner) {
  start();
  counters_->slot(5, 0).add_incoming(999);
  crash();
  start();
  usage_ = std::make_unique<Usage>(loop_, *store_, *counters_, [this] {
    return std::vector<CountedRow>{{5, proxy_[1]}};
  });
  counters_->slot(5, 0).add_incoming(1);
  EXPECT_EQ(report(proxy_[1]).incoming, 1U);
}

TEST_F(UsageTest, SomethingThatIsNoCounterFileIsNotReplaced) {
  std::ofstream(folder_.file("counters")) << "my precious notes";
  const auto counters = Usage::open_counters(folder_.file("counters"), kShape, *store_);
  EXPECT_FALSE(counters);
  EXPECT_EQ(std::filesystem::file_size(folder_.file("counters")), 17U);
}

}  // namespace
}  // namespace airlane::test
