// The heaviest targets in bounded room: sums that are exact, and errors that keep their bounds.
#include "db/target_summary.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace airlane::test {
namespace {

TargetName named(int number) { return {"host-" + std::to_string(number) + ".test", 443}; }

TargetSum total_of(const TargetSummary& summary) {
  auto total = summary.other();
  for (const auto& [name, entry] : summary.entries()) total += entry.sum;
  return total;
}

// A summary as the server makes it (small ones of a minute, merged into that of the day), and what
// is true.
class Day {
 public:
  explicit Day(std::size_t kept) : kept_(kept) {}

  void add(int target, std::uint64_t incoming, std::uint64_t outgoing = 0) {
    const TargetSum sum{incoming, outgoing, 1};
    truth_[target] += sum;
    total_ += sum;
    minute_.add(named(target), sum);
    if (minute_.size() > 2 * kept_) minute_.trim(kept_);
  }
  void end_minute() {
    day_.merge(minute_);
    day_.trim(kept_);
    minute_ = {};
  }
  void expect_bounds() {
    end_minute();
    EXPECT_EQ(total_of(day_), total_);
    EXPECT_LE(day_.size(), kept_);
    EXPECT_LE(day_.floor() * (kept_ + 1), total_.bytes());
    for (const auto& [target, sum] : truth_) {
      const auto found = day_.entries().find(named(target));
      if (found == day_.entries().end()) {
        EXPECT_LE(sum.bytes(), day_.floor()) << target;
      } else {
        const auto told = found->second.sum.bytes();
        EXPECT_LE(told, sum.bytes());
        EXPECT_LE(sum.bytes() - told, day_.floor()) << target;
        EXPECT_GE(found->second.weight, sum.bytes());
      }
    }
  }
  [[nodiscard]] const TargetSummary& summary() const { return day_; }

 private:
  const std::size_t kept_;
  TargetSummary minute_;
  TargetSummary day_;
  std::map<int, TargetSum> truth_;
  TargetSum total_;
};

TEST(TargetSummary, IsExactWhileThereIsRoom) {
  TargetSummary summary;
  summary.add({"a.test", 443}, {100, 10, 1});
  summary.add({"b.test", 443}, {50, 5, 1});
  summary.add({"a.test", 80}, {7, 1, 1});
  summary.add({"a.test", 443}, {1, 1, 0});
  summary.trim(3);
  EXPECT_EQ(summary.floor(), 0U);
  EXPECT_EQ(summary.other(), TargetSum());
  const auto top = summary.top(2);
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].name, (TargetName{"a.test", 443}));
  EXPECT_EQ(top[0].sum, (TargetSum{101, 11, 1}));
  EXPECT_EQ(top[1].name.host, "b.test");
}

TEST(TargetSummary, TheLightestMakeWayAndAllTheirBytesGoToTheOthers) {
  TargetSummary summary;
  for (int i = 1; i <= 4; ++i) summary.add(named(i), {static_cast<std::uint64_t>(i) * 10, 1, 2});
  summary.trim(2);
  EXPECT_EQ(summary.size(), 2U);
  EXPECT_TRUE(summary.entries().contains(named(4)));
  EXPECT_TRUE(summary.entries().contains(named(3)));
  EXPECT_EQ(summary.other(), (TargetSum{30, 2, 4}));
  EXPECT_EQ(summary.floor(), 21U);
  summary.add(named(1), {1, 0, 1});
  EXPECT_EQ(summary.entries().at(named(1)).weight, 22U) << "it may have had 21 before";
  EXPECT_EQ(summary.entries().at(named(1)).sum, (TargetSum{1, 0, 1}));
}

TEST(TargetSummary, KeepsItsBoundsWhateverComes) {
  std::mt19937 random(7);
  for (const std::size_t kept : {1U, 5U, 20U}) {
    Day day(kept);
    std::geometric_distribution<int> target(0.03);
    std::uniform_int_distribution<std::uint64_t> bytes(1, 100'000);
    for (int minute = 0; minute < 60; ++minute) {
      for (int i = 0; i < 200; ++i) day.add(target(random), bytes(random), bytes(random) / 10);
      day.end_minute();
    }
    day.expect_bounds();
  }
}

TEST(TargetSummary, FindsALateHeavyOneThatComesInSmallPieces) {
  Day day(10);
  for (int target = 0; target < 10; ++target) day.add(target, 1'000'000);
  day.end_minute();
  // Each piece is lighter than anything that is there, and among a crowd of others.
  for (int minute = 0; minute < 600; ++minute) {
    day.add(999, 10'000);
    for (int i = 0; i < 30; ++i) day.add(1000 + minute * 30 + i, 100);
    day.end_minute();
  }
  day.expect_bounds();
  ASSERT_TRUE(day.summary().entries().contains(named(999))) << "6 of 18 MB were its";
  EXPECT_EQ(day.summary().top(1).front().name, named(999));
}

TEST(TargetSummary, AddsUpDaysWithTheirErrors) {
  TargetSummary one;
  TargetSummary other;
  for (int i = 0; i < 3; ++i) one.add(named(i), {100, 0, 1});
  one.trim(2);
  other.add(named(0), {5, 0, 1});
  other.merge(one);
  EXPECT_EQ(total_of(other), (TargetSum{305, 0, 4}));
  EXPECT_EQ(other.floor(), 100U);
  EXPECT_EQ(other.entries().at(named(0)).sum, (TargetSum{105, 0, 2}));
}

TEST(TargetSummary, StopsWhereTheDatabaseDoes) {
  TargetSummary summary;
  for (int i = 0; i < 3; ++i) summary.add(named(1), {UINT64_MAX / 2, 0, 1});
  EXPECT_EQ(summary.entries().at(named(1)).sum.incoming, UINT64_MAX / 2);
}

}  // namespace
}  // namespace airlane::test
