#include "proxy/guard.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace airlane::test {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

const auto kStart = Monotonic::time_point() + 1h;

void fail(Guard& guard, SourceKey key, int times, Monotonic::time_point now) {
  for (int i = 0; i < times; ++i) guard.failed(key, now);
}

SourceKey key_of(const char* ip, std::int64_t proxy = 1) {
  return source_key(proxy, *Address::parse(ip));
}

TEST(Guard, BlocksAfterTenFailuresWithinAMinuteForAMinute) {
  Guard guard({}, kStart);
  const auto key = key_of("198.51.100.7");
  fail(guard, key, 9, kStart);
  EXPECT_FALSE(guard.blocks(key, kStart + 58s));
  guard.failed(key, kStart + 59s);
  EXPECT_TRUE(guard.blocks(key, kStart + 59s));
  EXPECT_TRUE(guard.blocks(key, kStart + 118s));
  EXPECT_FALSE(guard.blocks(key, kStart + 119s));
}

TEST(Guard, ForgetsFailuresThatCameSlowly) {
  Guard guard({}, kStart);
  const auto key = key_of("198.51.100.7");
  for (auto now = kStart; now < kStart + 1h; now += 7s) {
    guard.failed(key, now);
    ASSERT_FALSE(guard.blocks(key, now));
  }
}

TEST(Guard, BeginsAnewAfterTheBlock) {
  Guard guard({}, kStart);
  const auto key = key_of("198.51.100.7");
  fail(guard, key, 30, kStart);  // What comes during the block does not make it longer.
  EXPECT_FALSE(guard.blocks(key, kStart + 60s));
  fail(guard, key, 9, kStart + 61s);
  EXPECT_FALSE(guard.blocks(key, kStart + 61s));
  guard.failed(key, kStart + 62s);
  EXPECT_TRUE(guard.blocks(key, kStart + 62s));
}

TEST(Guard, BlocksOneClientAtOneProxy) {
  Guard guard({}, kStart);
  fail(guard, key_of("198.51.100.7"), 10, kStart);
  EXPECT_TRUE(guard.blocks(key_of("198.51.100.7"), kStart));
  EXPECT_FALSE(guard.blocks(key_of("198.51.100.8"), kStart));
  EXPECT_FALSE(guard.blocks(key_of("198.51.100.7", 2), kStart));
  fail(guard, key_of("2001:db8:1:2::7"), 10, kStart);
  EXPECT_TRUE(guard.blocks(key_of("2001:db8:1:2:ffff::9"), kStart)) << "the same /64";
  EXPECT_FALSE(guard.blocks(key_of("2001:db8:1:3::7"), kStart));
}

TEST(Guard, TakesItsNumbersFromTheRules) {
  Guard guard({.failures = 3, .window = 10s, .block = 5s}, kStart);
  fail(guard, 1, 3, kStart);
  EXPECT_TRUE(guard.blocks(1, kStart + 4s));
  EXPECT_FALSE(guard.blocks(1, kStart + 5s));
  Guard off({.failures = 0}, kStart);
  fail(off, 1, 1000, kStart);
  EXPECT_FALSE(off.blocks(1, kStart));
}

TEST(Guard, HoldsAsManyClientsAsItHasRoomForAndNeverMore) {
  Guard guard({}, kStart);
  const auto first = key_of("198.51.100.7");
  fail(guard, first, 10, kStart);
  // A botnet, each member of which fails once: the block outlives them.
  for (std::uint32_t i = 0; i < 4 * Guard::kEntries; ++i) {
    guard.failed(source_key(1, Address::v4(&i, 0)), kStart + 1s);
  }
  EXPECT_TRUE(guard.blocks(first, kStart + 2s));
}

TEST(Guard, TellsOneCallerOfEachBlock) {
  Guard guard({.failures = 3}, kStart);
  const auto told = [&](Monotonic::time_point now) {
    int times = 0;
    for (int i = 0; i < 50; ++i) times += guard.failed(1, now) ? 1 : 0;
    return times;
  };
  EXPECT_EQ(told(kStart), 1);
  EXPECT_EQ(told(kStart + 30s), 0);
  EXPECT_EQ(told(kStart + 60s), 1) << "another block";
  Guard off({.failures = 0}, kStart);
  EXPECT_FALSE(off.failed(1, kStart));
}

TEST(BlockReports, NameAFewAndCountTheRest) {
  BlockReports reports;
  for (std::uint16_t i = 0; i < 100; ++i) reports.put({7, i, *Address::parse("198.51.100.7")});
  const auto news = reports.take();
  ASSERT_EQ(news.blocks.size(), BlockReports::kMost);
  EXPECT_EQ(news.blocks[3].port, 3);
  EXPECT_EQ(news.blocks[3].client.ip(), "198.51.100.7");
  EXPECT_EQ(news.unnamed, 100 - BlockReports::kMost);
  EXPECT_EQ(reports.total(), 100U);
  reports.put({7, 1, *Address::parse("198.51.100.8")});
  const auto more = reports.take();
  EXPECT_EQ(more.blocks.size(), 1U);
  EXPECT_EQ(more.unnamed, 0U);
}

TEST(Guard, TellsManyClientsApart) {
  std::set<SourceKey> keys;
  for (std::uint32_t i = 0; i < 100'000; ++i) keys.insert(source_key(1, Address::v4(&i, 0)));
  EXPECT_EQ(keys.size(), 100'000U);
  std::vector<int> spread(8192);
  for (const auto key : keys) ++spread[key % spread.size()];
  EXPECT_LT(*std::max_element(spread.begin(), spread.end()), 40) << "12 on average";
}

TEST(Guard, CountsEveryFailureOfSeveralThreads) {
  Guard guard({.failures = 200}, kStart);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { fail(guard, 99, 49, kStart); });
  for (auto& thread : threads) thread.join();
  fail(guard, 99, 3, kStart);
  EXPECT_FALSE(guard.blocks(99, kStart)) << "199";
  fail(guard, 99, 1, kStart);
  EXPECT_TRUE(guard.blocks(99, kStart));
}

}  // namespace
}  // namespace airlane::test
