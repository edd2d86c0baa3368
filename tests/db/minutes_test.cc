// An hour's traffic there and back, and bytes that are no such thing.
#include "db/minutes.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace airlane::test {
namespace {

using std::string_literals::operator""s;

TEST(MinutesTest, AnHourWithOneMinuteIsAFewBytes) {
  Minutes minutes{};
  minutes[59] = {300, 5};
  EXPECT_EQ(packed(minutes), "\0\0\0\0\0\0\0\x08\xac\x02\x05"s);
  EXPECT_EQ(unpacked(packed(minutes)), minutes);
  EXPECT_EQ(packed(Minutes{}), std::string(8, '\0'));
}

TEST(MinutesTest, EveryHourComesBackAsItWas) {
  std::mt19937_64 random(20261124);
  for (int round = 0; round < 2000; ++round) {
    Minutes minutes{};
    for (auto& minute : minutes) {
      if (random() % 3 == 0) continue;
      minute = {random() >> random() % 64, random() >> random() % 64};
    }
    EXPECT_EQ(unpacked(packed(minutes)), minutes);
  }
  Minutes most{};
  most.fill({std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint64_t>::max()});
  EXPECT_EQ(unpacked(packed(most)), most);
}

TEST(MinutesTest, WhatIsNoHourIsRefused) {
  Minutes minutes{};
  minutes[0] = minutes[7] = {1000, 1000};
  const auto good = packed(minutes);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(unpacked(good.substr(0, size))) << size;
  }
  EXPECT_FALSE(unpacked(good + "x"));
  EXPECT_FALSE(unpacked("\1\0\0\0\0\0\0\x10\1\1\1\1"s)) << "an hour has 60 minutes";
  EXPECT_FALSE(unpacked("\1\0\0\0\0\0\0\0"s + std::string(11, '\xff') + "\1")) << "too long";
}

}  // namespace
}  // namespace airlane::test
