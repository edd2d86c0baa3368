// Sums over spans that do not begin and end with a minute.
#include "db/traffic.h"

#include <limits>

#include "db/fold.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

constexpr std::int64_t kProxy = 9042;
constexpr std::int64_t kHour = 1'700'000'400 / 3600 * 3600;

class TrafficTest : public ::testing::Test {
 protected:
  void moved(std::int64_t second, std::uint64_t incoming, std::uint64_t outgoing) {
    total_.incoming += incoming;
    total_.outgoing += outgoing;
    const FoldItem item{0, 0, kProxy, total_.incoming, total_.outgoing};
    must(folder_.fold(*database_, 1, from_unix(kHour + second), {&item, 1}));
  }
  Traffic sum(std::int64_t from, std::int64_t till, std::int64_t now = 3600) {
    return must(traffic::sum(*database_, kProxy, from_unix(kHour + from), from_unix(kHour + till),
                             from_unix(kHour + now)));
  }

  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
  Folder folder_;
  Traffic total_;
};

TEST_F(TrafficTest, IsZeroForAProxyThatMovedNothing) { EXPECT_EQ(sum(0, 3600), Traffic{}); }

TEST_F(TrafficTest, CountsWholeMinutesExactly) {
  moved(0, 1, 10);
  moved(59, 2, 20);
  moved(60, 4, 40);
  moved(120, 8, 80);
  EXPECT_EQ(sum(0, 60), (Traffic{3, 30}));
  EXPECT_EQ(sum(60, 120), (Traffic{4, 40}));
  EXPECT_EQ(sum(0, 180), (Traffic{15, 150}));
}

TEST_F(TrafficTest, CutsTheFirstAndTheLastMinuteInProportion) {
  for (const int second : {0, 60, 120, 180}) moved(second, 6000, 600);
  EXPECT_EQ(sum(45, 190), (Traffic{1500 + 12000 + 1000, 150 + 1200 + 100}));
  EXPECT_EQ(sum(70, 80), (Traffic{1000, 100}));
  EXPECT_EQ(sum(80, 70), Traffic{});
}

TEST_F(TrafficTest, AddsUpToTheByteOverNeighbouringSpans) {
  moved(0, 1009, 7);
  moved(60, 997, 59);
  Traffic all;
  for (int from = 0; from < 120; from += 7) {
    const auto part = sum(from, std::min(from + 7, 120));
    all.incoming += part.incoming;
    all.outgoing += part.outgoing;
  }
  EXPECT_EQ(all, (Traffic{2006, 66}));
}

TEST_F(TrafficTest, GivesAllOfTheRunningMinuteToASpanThatReachesNow) {
  moved(20, 3000, 30);
  EXPECT_EQ(sum(0, 20, 20), (Traffic{3000, 30}));
  EXPECT_EQ(sum(-3600, 3600, 20), (Traffic{3000, 30}));
  EXPECT_EQ(sum(10, 20, 20), (Traffic{1500, 15})) << "spread over its seconds so far";
  EXPECT_EQ(sum(0, 10, 20), (Traffic{1500, 15}));
  EXPECT_EQ(sum(20, 60, 20), Traffic{}) << "the future";
}

TEST_F(TrafficTest, CountsWhatMovedInTheFirstSecondOfTheRunningMinute) {
  moved(0, 100, 1);
  moved(60, 10, 2);
  EXPECT_EQ(sum(0, 60, 60), (Traffic{110, 3}));
}

TEST_F(TrafficTest, CountsWhatIsNotFoldedYetInTheRunningMinute) {
  moved(0, 6000, 600);
  const auto with = [&](std::int64_t from, std::int64_t till, std::int64_t now) {
    return must(traffic::sum(*database_, kProxy, from_unix(kHour + from), from_unix(kHour + till),
                             from_unix(kHour + now), {1001, 101}));
  };
  EXPECT_EQ(with(0, 20, 20), (Traffic{7001, 701}));
  EXPECT_EQ(with(0, 10, 20), (Traffic{3500, 350})) << "as if it were folded";
  EXPECT_EQ(with(0, 60, 60), (Traffic{7001, 701}));
  EXPECT_EQ(with(0, 60, 90), (Traffic{6000, 600})) << "it belongs to the next minute";
  EXPECT_EQ(with(60, 90, 90), (Traffic{1001, 101}));
  EXPECT_EQ(with(-60, 0, 20), Traffic{});
}

TEST_F(TrafficTest, DoesNotOverflow) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  moved(0, kMost, kMost - 1);
  EXPECT_EQ(sum(0, 60), (Traffic{kMost, kMost - 1}));
  EXPECT_EQ(sum(-60, 120), (Traffic{kMost, kMost - 1}));
  EXPECT_EQ(sum(0, 30).incoming + sum(30, 60).incoming, kMost);
}

TEST_F(TrafficTest, BelongsToItsProxyOnly) {
  moved(0, 1, 1);
  EXPECT_EQ(must(traffic::sum(*database_, kProxy + 1, from_unix(0), from_unix(kHour + 3600),
                              from_unix(kHour + 3600))),
            Traffic{});
}

}  // namespace
}  // namespace airlane::test
