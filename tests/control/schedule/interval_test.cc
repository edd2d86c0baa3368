#include "control/schedule/interval.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

TEST(Interval, IsInMinutesUnlessItSaysOtherwise) {
  const std::array<std::pair<const char*, Interval>, 12> rows{{{"60-90", {60min, 90min}},
                                                               {"15", {15min, 15min}},
                                                               {"15-15", {15min, 15min}},
                                                               {"90s", {90s, 90s}},
                                                               {"5s", {5s, 5s}},
                                                               {"10s-20s", {10s, 20s}},
                                                               {"10-20s", {10s, 20s}},
                                                               {"1-2h", {1h, 2h}},
                                                               {"30m-1h", {30min, 1h}},
                                                               {"90s-2m", {90s, 120s}},
                                                               {"1d", {24h, 24h}},
                                                               {"1d-366d", {24h, 8784h}}}};
  for (const auto& [text, expected] : rows) {
    const auto interval = Interval::parse(text);
    ASSERT_TRUE(interval) << text << ": " << interval.error().text;
    EXPECT_EQ(*interval, expected) << text;
  }
}

TEST(Interval, SaysWhatIsWrongAndWhere) {
  const std::array<std::pair<const char*, const char*>, 14> rows{
      {{"", "at character 1: a number is missing here"},
       {"-5", "at character 1: a number is missing here"},
       {"60-", "at character 4: a number is missing here"},
       {"60 - 90", "at character 3: only s, m, h, d or \"-\" may follow a number"},
       {"60-90w", "at character 6: only s, m, h, d or \"-\" may follow a number"},
       {"60-90-100", "at character 6: only s, m, h, d or \"-\" may follow a number"},
       {"1.5h", "at character 2: only s, m, h, d or \"-\" may follow a number"},
       {"90-60", "at character 4: the range ends before it begins"},
       {"1h-90", "at character 6: the second number needs its unit too"},
       {"0", "at character 1: an interval is at least 5s"},
       {"4s-10s", "at character 1: an interval is at least 5s"},
       {"367d", "at character 1: an interval is at most 366d"},
       {"1-999999999d", "at character 3: an interval is at most 366d"},
       {"1234567890", "at character 1: this number is too large"}}};
  for (const auto& [text, expected] : rows) {
    const auto interval = Interval::parse(text);
    ASSERT_FALSE(interval) << text;
    EXPECT_EQ(interval.error().text, expected) << text;
  }
}

TEST(Interval, DrawsEachOfItsSeconds) {
  const Interval interval{10s, 12s};
  EXPECT_EQ(interval.draw(0), 10s);
  EXPECT_EQ(interval.draw(1), 11s);
  EXPECT_EQ(interval.draw(2), 12s);
  EXPECT_EQ(interval.draw(3), 10s);
  EXPECT_EQ((Interval{15min, 15min}.draw(~0ULL)), 15min);
}

}  // namespace
}  // namespace airlane::test
