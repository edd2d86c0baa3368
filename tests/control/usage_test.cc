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
    auto old = OldCounters::open(folder_.file("counters"), *store_);
    ASSERT_TRUE(old) << old.error().text;
    usage_ = std::make_unique<Usage>(
        loop_, *store_, *counters_,
        [this] {
          return std::vector<CountedRow>{{0, proxy_[0]}, {1, proxy_[1]}};
        },
        *std::move(old));
  }
  // The process goes on counting in its file; another one begins.
  void hand_over(CounterFile::Shape shape = kShape) {
    usage_->stop();
    usage_.reset();
    draining_ = std::move(counters_);
    start(shape);
  }
  std::size_t set_aside() { return OldCounters::epochs(folder_.file("counters")).size(); }
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

  // What is in the database.
  Traffic must_sum(std::int64_t proxy) {
    const auto now = wall_now();
    return *store_->wait([&](Database& database) {
      return traffic::sum(database, proxy, now - std::chrono::hours(1), now + std::chrono::hours(1),
                          now);
    });
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::int64_t proxy_[2] = {};
  std::unique_ptr<CounterFile> counters_;
  std::unique_ptr<CounterFile> draining_;  // Of the process before this one.
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

TEST_F(UsageTest, AReportWritesNothing) {
  start();
  counters_->slot(0, 0).add_incoming(1000);
  EXPECT_EQ(report(proxy_[0]).incoming, 1000U);
  EXPECT_EQ(must_sum(proxy_[0]), Traffic{});
  counters_->slot(0, 0).add_incoming(1);
  usage_->stop();
  EXPECT_EQ(must_sum(proxy_[0]), (Traffic{1001, 0}));
  EXPECT_EQ(report(proxy_[0]).incoming, 1001U) << "not counted twice";
}

TEST_F(UsageTest, ManyRowsAreFoldedSliceBySlice) {
  start({.workers = 1, .rows = 5000});
  std::vector<CountedRow> rows;
  for (std::uint32_t row = 0; row < 5000; ++row) rows.push_back({row, row + 1});
  usage_ = std::make_unique<Usage>(loop_, *store_, *counters_, [&] { return rows; });
  for (std::uint32_t row = 0; row < 5000; ++row) counters_->slot(row, 0).add_outgoing(row + 1);
  ASSERT_TRUE(usage_->start());
  ASSERT_TRUE(run_until(loop_, [&] { return must_sum(5000) == Traffic{0, 5000}; }));
  for (std::uint32_t proxy = 1; proxy <= 5000; proxy += 7) {
    EXPECT_EQ(must_sum(proxy), (Traffic{0, proxy}));
  }
}

TEST_F(UsageTest, TellsAQuotaWhatWasUsedAndWhatTheCountersSayAtTheSameMoment) {
  start();
  counters_->slot(0, 0).add_incoming(1000);
  usage_->stop();
  hand_over();
  draining_->slot(0, 1).add_outgoing(100);
  counters_->slot(0, 0).add_incoming(10);
  counters_->slot(0, 1).add_outgoing(1);
  const Quotas::Question questions[] = {{proxy_[1], wall_now() - std::chrono::hours(1)},
                                        {proxy_[0], wall_now() - std::chrono::hours(1)}};
  const auto check = [](const Outcome<Quotas::Answers>& used) {
    ASSERT_TRUE(used) << used.error().text;
    ASSERT_EQ(used->size(), 2U);
    EXPECT_EQ((*used)[0].bytes, 0U);
    EXPECT_EQ((*used)[1].bytes, 1111U);
    EXPECT_EQ((*used)[1].counters, 11U) << "of the file in which we count";
  };
  check(usage_->used_now(questions));
  check(answer<Quotas::Answers>(loop_, [&](auto then) { usage_->used(questions, then); }));
  EXPECT_EQ(usage_->counters(0), 11U);
  EXPECT_TRUE(usage_->is_draining());
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
  usage_->stop();
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

TEST_F(UsageTest, TwoProcessesAddUpWhileOneDrains) {
  start();
  counters_->slot(0, 0).add_incoming(100);
  hand_over({.workers = 1, .rows = 4});
  EXPECT_EQ(set_aside(), 1U);
  counters_->slot(0, 0).add_incoming(10);
  draining_->slot(0, 1).add_incoming(1000);
  EXPECT_EQ(report(proxy_[0]).incoming, 1110U);
  draining_->slot(0, 0).add_incoming(3);
  EXPECT_EQ(report(proxy_[0]).incoming, 1113U);
  EXPECT_EQ(set_aside(), 1U) << "it may still count";
  draining_->slot(1, 0).add_incoming(4);
  draining_.reset();  // However it ends.
  EXPECT_EQ(report(proxy_[0]).incoming, 1113U);
  EXPECT_EQ(report(proxy_[1]).incoming, 4U);
  ASSERT_TRUE(usage_->start());
  EXPECT_TRUE(run_until(loop_, [&] { return set_aside() == 0; }));
  EXPECT_EQ(report(proxy_[0]).incoming, 1113U);
  EXPECT_EQ(report(proxy_[1]).incoming, 4U);
}

TEST_F(UsageTest, WhenBothAreKilledNoByteIsLostOrCountedTwice) {
  start();
  counters_->slot(0, 0).add_incoming(100);
  hand_over();
  draining_->slot(0, 0).add_incoming(20);
  counters_->slot(0, 0).add_incoming(3);
  EXPECT_EQ(report(proxy_[0]).incoming, 123U);
  draining_->slot(0, 0).add_incoming(1000);
  counters_->slot(0, 0).add_incoming(2000);
  crash();
  draining_.reset();
  for (int starts = 0; starts < 3; ++starts) {
    start();
    EXPECT_EQ(report(proxy_[0]).incoming, 3123U);
    if (starts == 1) usage_->stop();  // After its last fold it is gone.
    crash();
  }
  EXPECT_EQ(set_aside(), 0U);
}

TEST_F(UsageTest, ANewStartFindsAProcessThatStillDrains) {
  start();
  hand_over();
  crash();
  start();
  draining_->slot(0, 0).add_incoming(5);
  EXPECT_EQ(report(proxy_[0]).incoming, 5U);
  EXPECT_EQ(set_aside(), 1U);
}

TEST_F(UsageTest, ASuccessorThatFailedLeavesItsBytesAndGivesTheNameBack) {
  start();
  counters_->slot(0, 0).add_incoming(100);
  hand_over();
  counters_->slot(0, 0).add_incoming(7);  // It had begun to serve.
  crash();
  counters_ = std::move(draining_);
  ASSERT_TRUE(Usage::reclaim_counters(folder_.file("counters"), *counters_));
  EXPECT_EQ(CounterFile::open(folder_.file("counters"))->epoch(), counters_->epoch());
  auto old = OldCounters::open(folder_.file("counters"), *store_);
  usage_ = std::make_unique<Usage>(
      loop_, *store_, *counters_,
      [this] {
        return std::vector<CountedRow>{{0, proxy_[0]}};
      },
      *std::move(old));
  counters_->slot(0, 0).add_incoming(1);
  EXPECT_EQ(report(proxy_[0]).incoming, 108U);
  usage_->stop();
  EXPECT_EQ(set_aside(), 0U);
  EXPECT_EQ(report(proxy_[0]).incoming, 108U);
  ASSERT_TRUE(Usage::reclaim_counters(folder_.file("counters"), *counters_)) << "nothing to do";
}

TEST_F(UsageTest, SomethingThatIsNoCounterFileIsNotReplaced) {
  std::ofstream(folder_.file("counters")) << "my precious notes";
  const auto counters = Usage::open_counters(folder_.file("counters"), kShape, *store_);
  EXPECT_FALSE(counters);
  EXPECT_EQ(std::filesystem::file_size(folder_.file("counters")), 17U);
}

}  // namespace
}  // namespace airlane::test
