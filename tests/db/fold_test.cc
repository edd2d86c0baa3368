// Every byte of the counter file is counted once.
#include "db/fold.h"

#include <limits>

#include "db/transaction.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

constexpr std::uint64_t kEpoch = 0xfeedfacecafebeef;  // Above 2^63: its bits are stored.
const WallSeconds kNow = from_unix(1'700'000'040);

class FoldTest : public ::testing::Test {
 protected:
  using Behind = std::vector<FoldedTotals>;

  Behind fold(std::vector<FoldItem> items) {
    return must(folder_.fold(*database_, kEpoch, kNow, items));
  }
  Traffic counted(std::int64_t proxy) {
    return must(traffic::sum(*database_, proxy, from_unix(0), from_unix(2'000'000'000),
                             from_unix(2'000'000'000)));
  }
  void restart() {
    folder_ = {};
    database_.reset();
    database_ = open(scratch_);
  }

  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
  Folder folder_;
};

TEST_F(FoldTest, CountsWhatIsNew) {
  EXPECT_EQ(fold({{0, 0, 7, 100, 10}}), Behind{});
  EXPECT_EQ(fold({{0, 0, 7, 150, 10}}), Behind{});
  EXPECT_EQ(counted(7), (Traffic{150, 10}));
}

TEST_F(FoldTest, AddsUpTheWorkersOfAProxyAndKeepsProxiesApart) {
  fold({{0, 0, 7, 1, 10}, {0, 1, 7, 2, 20}, {1, 0, 8, 4, 40}});
  EXPECT_EQ(counted(7), (Traffic{3, 30}));
  EXPECT_EQ(counted(8), (Traffic{4, 40}));
}

TEST_F(FoldTest, CountsTheSameTotalsOnce) {
  fold({{0, 0, 7, 100, 10}});
  fold({{0, 0, 7, 100, 10}});
  restart();
  fold({{0, 0, 7, 100, 10}});
  EXPECT_EQ(counted(7), (Traffic{100, 10}));
}

TEST_F(FoldTest, WritesNothingForIdleSlots) {
  fold({{0, 0, 7, 100, 10}, {1, 0, 8, 0, 0}});
  const auto log = std::filesystem::file_size(scratch_.path("airlane.db-wal"));
  fold({{0, 0, 7, 100, 10}, {1, 0, 8, 0, 0}});
  EXPECT_EQ(std::filesystem::file_size(scratch_.path("airlane.db-wal")), log);
  EXPECT_EQ(must(folded_totals(*database_, kEpoch)), (Behind{{0, 0, 100, 10}}));
}

TEST_F(FoldTest, ReportsAFileThatIsOlderThanTheDatabase) {
  fold({{3, 1, 7, 100, 10}});
  EXPECT_EQ(fold({{3, 1, 7, 60, 5}}), (Behind{{3, 1, 100, 10}}));
  EXPECT_EQ(counted(7), (Traffic{100, 10}));
  EXPECT_EQ(fold({{3, 1, 7, 60, 12}}), (Behind{{3, 1, 100, 12}})) << "one direction went on";
  EXPECT_EQ(counted(7), (Traffic{100, 12}));
  EXPECT_EQ(fold({{3, 1, 7, 101, 12}}), Behind{}) << "raised, and counting again";
  EXPECT_EQ(counted(7), (Traffic{101, 12}));
}

TEST_F(FoldTest, TellsAtStartWhatWasFolded) {
  fold({{1, 1, 7, 4, 40}, {0, 1, 8, 2, 20}, {0, 0, 8, 1, 10}});
  restart();
  EXPECT_EQ(must(folded_totals(*database_, kEpoch)),
            (Behind{{0, 0, 1, 10}, {0, 1, 2, 20}, {1, 1, 4, 40}}));
  EXPECT_EQ(must(folded_totals(*database_, kEpoch + 1)), Behind{});
}

TEST_F(FoldTest, BeginsAnewWithANewFile) {
  fold({{0, 0, 7, 100, 10}});
  const FoldItem fresh{0, 0, 7, 5, 1};
  must(folder_.fold(*database_, kEpoch + 1, kNow, {&fresh, 1}));
  EXPECT_EQ(counted(7), (Traffic{105, 11}));
  const std::uint64_t keep[] = {kEpoch + 1};
  must(forget_other_epochs(*database_, keep));
  EXPECT_EQ(must(folded_totals(*database_, kEpoch)), Behind{});
  EXPECT_EQ(must(folded_totals(*database_, kEpoch + 1)), (Behind{{0, 0, 5, 1}}));
}

TEST_F(FoldTest, GivesARowToItsNextProxyFromWhereItStands) {
  fold({{0, 0, 7, 100, 10}});
  fold({{0, 0, 8, 130, 11}});
  EXPECT_EQ(counted(7), (Traffic{100, 10}));
  EXPECT_EQ(counted(8), (Traffic{30, 1}));
}

TEST_F(FoldTest, ForgetsWhatAnOuterTransactionUndid) {
  fold({{0, 0, 7, 100, 10}});
  {
    const auto outer = must(Transaction::begin(*database_));
    fold({{0, 0, 7, 150, 15}});
  }
  EXPECT_EQ(counted(7), (Traffic{100, 10}));
  fold({{0, 0, 7, 150, 15}});
  EXPECT_EQ(counted(7), (Traffic{150, 15}));
}

TEST_F(FoldTest, TellsWhatItWouldAddAndAddsNothing) {
  const std::vector<FoldItem> items{{0, 0, 7, 150, 8}, {0, 1, 7, 3, 30}};
  const auto unfolded = [&] { return must(folder_.unfolded(*database_, kEpoch, items)); };
  EXPECT_EQ(unfolded(), (Traffic{153, 38}));
  fold({{0, 0, 7, 100, 10}});
  EXPECT_EQ(unfolded(), (Traffic{53, 30})) << "one direction is behind";
  restart();
  EXPECT_EQ(unfolded(), (Traffic{53, 30}));
  fold(items);
  EXPECT_EQ(unfolded(), Traffic{});
  EXPECT_EQ(counted(7), (Traffic{153, 40}));
}

TEST_F(FoldTest, StopsASlotAtItsLimit) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(fold({{0, 0, 7, kMost, 0}}), Behind{});
  EXPECT_EQ(fold({{0, 0, 7, kMost, 0}}), Behind{});
  EXPECT_EQ(counted(7), (Traffic{kMost / 2, 0}));
}

}  // namespace
}  // namespace airlane::test
