// Traffic that grows old is still the same traffic: against a model that remembers every minute.
#include "db/aging.h"

#include <limits>
#include <map>
#include <random>

#include "db/fold.h"
#include "db/transaction.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

constexpr std::int64_t kBegin = 1'700'006'400;  // A midnight.
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

class AgingTest : public ::testing::Test {
 protected:
  void moved(std::int64_t owner, std::int64_t time, const Traffic& more) {
    totals_[owner] += more;
    const auto& total = totals_[owner];
    const FoldItem item{static_cast<std::uint32_t>(owner), 0, owner, total.incoming,
                        total.outgoing};
    must(folder_.fold(*database_, 1, from_unix(time), {&item, 1}));
  }
  Traffic sum(std::int64_t owner, std::int64_t from, std::int64_t till, std::int64_t now) {
    return must(traffic::sum(*database_, owner, from_unix(from), from_unix(till), from_unix(now)));
  }
  bool step(std::int64_t now) { return must(aging_.step(*database_, from_unix(now))); }
  int age(std::int64_t now) {
    int steps = 0;
    while (step(now)) ++steps;
    return steps;
  }
  std::int64_t rows(const std::string& table) {
    return must(database_->select_one<std::int64_t>(
                    "SELECT CASE ?1 WHEN 'recent' THEN (SELECT count(*) FROM traffic_recent) "
                    "WHEN 'hours' THEN (SELECT count(*) FROM traffic_hours) "
                    "WHEN 'minutes' THEN (SELECT count(*) FROM traffic_minutes) "
                    "ELSE (SELECT count(*) FROM traffic_days) END",
                    [](const Statement& row) { return row.integer(0); }, table))
        .value();
  }

  const Retention retention_{.minutes = std::chrono::hours(30), .hours = std::chrono::days(4)};
  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
  Folder folder_;
  Aging aging_{retention_};
  std::map<std::int64_t, Traffic> totals_;
};

TEST_F(AgingTest, GoesFromMinutesToHoursToDays) {
  moved(7, kBegin + 10, {3600, 36});
  moved(7, kBegin + 1810, {60, 6});
  EXPECT_EQ(age(kBegin + kHour - 1), 0) << "the hour is not over";
  EXPECT_EQ(rows("recent"), 2);
  EXPECT_GT(age(kBegin + kHour), 0);
  EXPECT_EQ(rows("recent"), 0);
  EXPECT_EQ(rows("minutes"), 1);
  EXPECT_EQ(sum(7, kBegin, kBegin + 30, kBegin + kHour), (Traffic{1800, 18})) << "by the minute";
  EXPECT_EQ(sum(7, kBegin + 60, kBegin + 1800, kBegin + kHour), Traffic{});
  EXPECT_EQ(sum(7, kBegin + 1800, kBegin + kHour, kBegin + kHour), (Traffic{60, 6}));

  const auto forgotten = kBegin + 31 * kHour;
  age(forgotten - 1);
  EXPECT_EQ(rows("minutes"), 1) << "30 hours after its end, not before";
  age(forgotten);
  EXPECT_EQ(rows("minutes"), 0);
  EXPECT_EQ(sum(7, kBegin, kBegin + kHour, forgotten), (Traffic{3660, 42}));
  EXPECT_EQ(sum(7, kBegin, kBegin + 1800, forgotten), (Traffic{1830, 21})) << "by the hour";

  const auto added_up = kBegin + 5 * kDay;
  age(added_up - 1);
  EXPECT_EQ(rows("hours"), 1);
  age(added_up);
  EXPECT_EQ(rows("hours"), 0);
  EXPECT_EQ(rows("days"), 1);
  EXPECT_EQ(sum(7, kBegin, kBegin + kDay, added_up), (Traffic{3660, 42}));
  EXPECT_EQ(sum(7, kBegin, kBegin + kDay / 2, added_up), (Traffic{1830, 21})) << "by the day";
}

TEST_F(AgingTest, AStepIsSmallHoweverMuchThereIs) {
  std::vector<FoldItem> items;
  for (std::uint32_t owner = 1; owner <= 1000; ++owner) items.push_back({owner, 0, owner, 60, 6});
  must(folder_.fold(*database_, 1, from_unix(kBegin), items));
  for (auto& item : items) item.incoming_total += 60;
  must(folder_.fold(*database_, 1, from_unix(kBegin + 60), items));
  auto before = rows("recent");
  ASSERT_EQ(before, 2000);
  while (step(kBegin + kHour)) {
    const auto now = rows("recent");
    EXPECT_LE(before - now, 2 * 64);
    before = now;
  }
  EXPECT_EQ(before, 0);
  EXPECT_EQ(sum(1000, kBegin, kBegin + 60, kBegin + kHour), (Traffic{60, 6}));
}

TEST_F(AgingTest, WhatAClockThatWasSetBackBringsLateIsAdded) {
  moved(7, kBegin, {100, 1});
  age(kBegin + kHour);
  moved(7, kBegin, {10, 2});
  moved(7, kBegin + 60, {1000, 4});
  EXPECT_EQ(sum(7, kBegin, kBegin + 60, kBegin + kHour), (Traffic{110, 3}));
  age(kBegin + kHour);
  EXPECT_EQ(sum(7, kBegin, kBegin + 60, kBegin + kHour), (Traffic{110, 3}));
  EXPECT_EQ(sum(7, kBegin, kBegin + kHour, kBegin + kHour), (Traffic{1110, 7}));
  age(kBegin + 2 * kDay);  // The minutes are forgotten...
  moved(7, kBegin + 120, {5000, 8});
  age(kBegin + kHour);  // ... and this one is known again.
  EXPECT_EQ(sum(7, kBegin + 120, kBegin + 180, kBegin + kHour),
            (Traffic{5000 + 1110 * 180 / 3600 - 1110 * 120 / 3600, 8}));
  EXPECT_EQ(sum(7, kBegin, kBegin + kHour, kBegin + kHour), (Traffic{6110, 15}));
  age(kBegin + 6 * kDay);
  moved(7, kBegin + 180, {1, 16});
  age(kBegin + 7 * kDay);
  EXPECT_EQ(sum(7, kBegin, kBegin + kDay, kBegin + 7 * kDay), (Traffic{6111, 31}));
  EXPECT_EQ(rows("recent") + rows("minutes") + rows("hours"), 0);
}

TEST_F(AgingTest, WhatARollbackUndoesIsDoneAgain) {
  moved(7, kBegin, {100, 1});
  moved(7, kBegin + 6 * kDay, {10, 2});
  for (int round = 0; round < 6; ++round) {
    const auto outer = must(Transaction::begin(*database_));
    for (int steps = 0; steps <= round; ++steps) step(kBegin + 9 * kDay);
    EXPECT_EQ(sum(7, kBegin, kBegin + 9 * kDay, kBegin + 9 * kDay), (Traffic{110, 3}));
  }
  EXPECT_EQ(rows("recent"), 2);
  age(kBegin + 11 * kDay);
  EXPECT_EQ(rows("days"), 2);
  EXPECT_EQ(sum(7, kBegin, kBegin + 11 * kDay, kBegin + 11 * kDay), (Traffic{110, 3}));
}

TEST_F(AgingTest, ACounterThatWentMadStopsNobodyElse) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  moved(7, kBegin, {kMost, 1});
  const FoldItem other_worker{7, 1, 7, kMost, 1};
  must(folder_.fold(*database_, 1, from_unix(kBegin), {&other_worker, 1}));
  moved(8, kBegin, {5, 5});
  for (const auto now : {kBegin + kHour, kBegin + 2 * kDay, kBegin + 6 * kDay}) {
    age(now);
    EXPECT_EQ(sum(7, kBegin, kBegin + kDay, now), (Traffic{kMost, 2}));
    EXPECT_EQ(sum(8, kBegin, kBegin + kDay, now), (Traffic{5, 5}));
  }
}

// Remembers each minute, and knows what is left of it when everything that is old enough has aged.
class Model {
 public:
  explicit Model(Retention retention) : retention_(retention) {}

  void moved(std::int64_t owner, std::int64_t time, const Traffic& more) {
    minutes_[owner][time / 60] += more;
  }
  [[nodiscard]] Traffic sum(std::int64_t owner, std::int64_t from, std::int64_t till,
                            std::int64_t aged) {
    std::map<std::pair<std::int64_t, std::int64_t>, Traffic> pieces;  // By start and length.
    for (const auto& [minute, moved] : minutes_[owner]) {
      pieces[piece_of(minute * 60, aged)] += moved;
    }
    Traffic sum;
    for (const auto& [piece, moved] : pieces) {
      const auto [start, length] = piece;
      const auto begin = std::clamp<std::int64_t>(from - start, 0, length);
      const auto end = std::clamp<std::int64_t>(till - start, begin, length);
      const auto cut = [&, length = length](std::uint64_t bytes) {
        const auto before = [&](std::int64_t part) {
          return static_cast<std::uint64_t>(static_cast<__uint128_t>(bytes) *
                                            static_cast<std::uint64_t>(part) /
                                            static_cast<std::uint64_t>(length));
        };
        return before(end) - before(begin);
      };
      sum += {cut(moved.incoming), cut(moved.outgoing)};
    }
    return sum;
  }

 private:
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> piece_of(std::int64_t time,
                                                               std::int64_t aged) const {
    const auto day = time / kDay * kDay;
    const auto hour = time / kHour * kHour;
    if (day + kDay + retention_.hours.count() <= aged) return {day, kDay};
    if (hour + kHour + retention_.minutes.count() <= aged) return {hour, kHour};
    return {time, 60};
  }

  const Retention retention_;
  std::map<std::int64_t, std::map<std::int64_t, Traffic>> minutes_;
};

class AgainstModel : public AgingTest {
 protected:
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  void move_something() {
    const auto owner = between(1, kOwners);
    const Traffic more{random_() >> between(20, 63), random_() >> between(20, 63)};
    const auto time = now_ - (between(0, 9) == 0 ? between(0, 600) : 0);  // A clock set back.
    moved(owner, time, more);
    model_.moved(owner, time, more);
  }
  void check(std::int64_t from, std::int64_t till, std::int64_t aged) {
    const auto owner = between(1, kOwners);
    ASSERT_EQ(sum(owner, from, till, now_ + kHour), model_.sum(owner, from, till, aged))
        << owner << " from " << from - kBegin << " till " << till - kBegin << " at "
        << now_ - kBegin;
  }
  // In the middle of everything: spans that begin and end where the rows may.
  void check_half_aged() {
    const auto exact = now_ - retention_.minutes.count();
    const auto from = between(exact, now_);
    check(from, between(from, now_), 0);
    const auto hourly = (now_ - retention_.hours.count()) / kHour * kHour;
    const auto hour = hourly + between(0, (now_ - hourly) / kHour) * kHour;
    check(hour, hour + between(0, 100) * kHour, 0);
    const auto day = kBegin + between(0, (now_ - kBegin) / kDay) * kDay;
    check(day, day + between(0, 9) * kDay, 0);
  }

  static constexpr std::int64_t kOwners = 5;
  std::mt19937_64 random_{4};
  std::int64_t now_ = kBegin;
  Model model_{retention_};
};

TEST_F(AgainstModel, EverySpanIsRightWheneverItAges) {
  must(database_->execute(
      "PRAGMA synchronous = OFF"));  // No power cuts here: it is ten times faster.
  for (int round = 0; round < 6000; ++round) {
    now_ += between(0, 5) == 0 ? between(0, 4 * kHour) : between(0, 90);
    move_something();
    for (auto steps = between(0, 3); steps > 0; --steps) step(now_);
    check_half_aged();
    if (HasFatalFailure()) return;
    if (round % 50 != 0) continue;
    age(now_);
    for (int i = 0; i < 20; ++i) {
      const auto from = between(kBegin - kDay, now_);
      check(from, between(from, now_ + kDay), now_);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(now_ - kBegin, 20 * kDay) << "days were added up";
  EXPECT_GT(rows("days"), 20);
}

}  // namespace
}  // namespace airlane::test
