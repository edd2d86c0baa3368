// Rates in a world whose time stands still until it is told: takers that never get tired.
#include "proxy/bucket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace airlane::test {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::uint64_t kMegabit = 125'000;
const Bucket::Time kStart = Bucket::Time() + std::chrono::hours(100);

TEST(Bucket, GivesItsDepthAtOnceAndThenItsRate) {
  Bucket bucket(100ms);
  std::uint64_t taken = 0;
  while (bucket.take(kStart, 100, 10'000)) taken += 100;
  EXPECT_EQ(taken, 1000U) << "a tenth of a second's worth";
  EXPECT_FALSE(bucket.take(kStart + 9ms, 100, 10'000));
  EXPECT_TRUE(bucket.take(kStart + 10ms, 100, 10'000));
  EXPECT_FALSE(bucket.take(kStart + 10ms, 100, 10'000));
}

TEST(Bucket, IsNeverFullerThanItsDepth) {
  Bucket bucket(100ms);
  bucket.take(kStart, 100, 10'000);
  std::uint64_t taken = 0;
  while (bucket.take(kStart + std::chrono::hours(9), 100, 10'000)) taken += 100;
  EXPECT_EQ(taken, 1000U);
}

TEST(Bucket, CountsWholeThingsToo) {
  Bucket bucket(1s);
  int begun = 0;
  for (auto now = kStart; now < kStart + 10s; now += 1ms) begun += bucket.take(now, 1, 20) ? 1 : 0;
  EXPECT_EQ(begun, 20 + 10 * 20 - 1) << "a full bucket first, then one each 50 ms";
}

TEST(Bucket, GivesMoreThanItsDepthInOnePiece) {
  Bucket bucket(100ms);
  EXPECT_TRUE(bucket.take(kStart, 100'000, 10'000));
  EXPECT_FALSE(bucket.take(kStart + 9s, 1, 10'000)) << "but it has to be paid";
  EXPECT_TRUE(bucket.take(kStart + 10s, 1, 10'000));
}

TEST(Bucket, TakesBackWhatWasNotUsed) {
  Bucket bucket(100ms);
  while (bucket.take(kStart, 100, 10'000)) {
  }
  const auto due = bucket.reserve(kStart, 500, 10'000);
  bucket.give_back(500, 10'000);
  EXPECT_EQ(bucket.reserve(kStart, 500, 10'000), due);
}

TEST(Bucket, SurvivesTheLargestNumbers) {
  Bucket bucket(100ms);
  const auto due = bucket.reserve(kStart, UINT64_MAX, 1'000'000'000'000);
  EXPECT_LE(due, kStart);
  EXPECT_GT(bucket.reserve(kStart, 1, 1), due);
}

// Connections that always have something to send, one portion reserved at a time each.
struct Crowd {
  Crowd(Bucket& shared, std::uint64_t rate, std::size_t count, std::uint64_t size)
      : bucket(shared), per_second(rate), portion(size), due(count), moved(count) {
    for (auto& one : due) one = bucket.reserve(kStart, portion, per_second);
  }
  // Whoever is due first moves first, and asks again at the end of the queue.
  void run_until(Bucket::Time end) {
    for (;;) {
      const auto next = std::min_element(due.begin(), due.end());
      if (*next >= end) return;
      moved[static_cast<std::size_t>(next - due.begin())] += portion;
      *next = bucket.reserve(std::max(*next, kStart), portion, per_second);
    }
  }

  Bucket& bucket;
  std::uint64_t per_second;
  std::uint64_t portion;
  std::vector<Bucket::Time> due;
  std::vector<std::uint64_t> moved;
};

TEST(Bucket, IsSharedEquallyByThoseWhoReserveOnePortionAtATime) {
  for (const std::size_t count : {1U, 2U, 8U, 100U}) {
    for (const std::uint64_t rate : {kMegabit, 1000 * kMegabit}) {
      Bucket bucket(100ms);
      Crowd crowd(bucket, rate, count, rate / 64);
      crowd.run_until(kStart + 10s);
      std::uint64_t sum = 0;
      for (const auto moved : crowd.moved) {
        sum += moved;
        EXPECT_NEAR(static_cast<double>(moved), static_cast<double>(crowd.moved.front()),
                    static_cast<double>(crowd.portion));
      }
      EXPECT_NEAR(static_cast<double>(sum), 10.1 * static_cast<double>(rate),
                  static_cast<double>(count * crowd.portion));
    }
  }
}

TEST(Bucket, LetsNobodyWaitLongerThanOneRound) {
  Bucket bucket(100ms);
  constexpr std::size_t kCount = 8;
  constexpr std::uint64_t kPortion = kMegabit / 64;
  Crowd crowd(bucket, kMegabit, kCount, kPortion);
  auto now = kStart;
  for (int round = 0; round < 1000; ++round) {
    const auto next = std::min_element(crowd.due.begin(), crowd.due.end());
    now = std::max(now, *next);
    *next = bucket.reserve(now, kPortion, kMegabit);
    EXPECT_LE(*next - now, 130ms);
  }
}

TEST(Bucket, LosesAndInventsNothingBetweenThreads) {
  Bucket bucket(100ms);
  constexpr std::uint64_t kRate = 1'000'000'000;  // A byte is a nanosecond.
  constexpr int kEach = 100'000;
  std::array<std::thread, 4> threads;
  for (auto& thread : threads) {
    thread = std::thread([&] {
      for (int i = 0; i < kEach; ++i) {
        bucket.reserve(kStart, 3, kRate);
        bucket.give_back(1, kRate);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  // Each time two bytes, the depth and, at the very first, what made it full for three.
  const auto due = bucket.reserve(kStart, 1, kRate);
  EXPECT_EQ(due - kStart, std::chrono::nanoseconds(2 * 4 * kEach + 3) - 100ms);
}

}  // namespace
}  // namespace airlane::test
