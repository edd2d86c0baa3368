// When calendar expressions come, also where the clock on the wall is not what it seems. Every
// moment below was read off `systemd-analyze calendar`.
#include <gtest/gtest.h>

#include <vector>

#include "control/schedule/calendar.h"

namespace airlane::test {
namespace {

using std::chrono::sys_days;
using Date = std::chrono::year_month_day;
using namespace std::chrono_literals;

Calendar::Time utc(Date day, std::chrono::seconds of_day = 0s) { return sys_days(day) + of_day; }

std::vector<Calendar::Time> next(std::string_view text, Calendar::Time after, int count) {
  const auto calendar = Calendar::parse(text);
  if (!calendar) {
    ADD_FAILURE() << text << ": " << calendar.error().text;
    return {};
  }
  std::vector<Calendar::Time> found;
  for (int i = 0; i < count; ++i) {
    const auto moment = calendar->next(after);
    if (!moment) break;
    after = *moment;
    found.push_back(after);
  }
  return found;
}

using Times = std::vector<Calendar::Time>;

TEST(CalendarTime, ComesAfterTheMomentAndNotAtIt) {
  const auto ten = utc(2026y / 1 / 15, 10h);
  EXPECT_EQ(next("*:0 UTC", ten, 2), (Times{ten + 1h, ten + 2h}));
  EXPECT_EQ(next("*:0 UTC", ten - 1us, 1), Times{ten});
}

TEST(CalendarTime, CountsInMicroseconds) {
  const auto ten = utc(2026y / 1 / 15, 10h);
  EXPECT_EQ(next("*:*:0/0.000001 UTC", ten, 2), (Times{ten + 1us, ten + 2us}));
  EXPECT_EQ(next("10:00:59.5/0.4 UTC", ten, 2), (Times{ten + 59500ms, ten + 59900ms}));
  EXPECT_EQ(next("*:*:0/59.999999 UTC", ten, 2), (Times{ten + 59999999us, ten + 1min}));
}

TEST(CalendarTime, CountsDaysFromTheEndOfAMonth) {
  const auto begin = utc(2026y / 1 / 1);
  EXPECT_EQ(next("*-*~1 UTC", begin, 3),
            (Times{utc(2026y / 1 / 31), utc(2026y / 2 / 28), utc(2026y / 3 / 31)}));
  EXPECT_EQ(next("*-2~3 UTC", begin, 3),
            (Times{utc(2026y / 2 / 26), utc(2027y / 2 / 26), utc(2028y / 2 / 27)}));
  EXPECT_EQ(next("Mon *-5~7/1 UTC", begin, 2), (Times{utc(2026y / 5 / 25), utc(2027y / 5 / 31)}));
  EXPECT_EQ(next("*-5~1..7/2 UTC", begin, 4), (Times{utc(2026y / 5 / 25), utc(2026y / 5 / 27),
                                                     utc(2026y / 5 / 29), utc(2026y / 5 / 31)}));
}

TEST(CalendarTime, FindsRareDaysAndGivesUpOnImpossibleOnes) {
  const auto begin = utc(2026y / 1 / 15, 10h);
  EXPECT_EQ(next("*-2-29 UTC", begin, 2), (Times{utc(2028y / 2 / 29), utc(2032y / 2 / 29)}));
  EXPECT_EQ(next("Fri *-2-29 UTC", begin, 1), Times{utc(2036y / 2 / 29)});
  EXPECT_EQ(next("2199-12-31 23:59:59 UTC", begin, 2), Times{utc(2199y / 12 / 31, 86399s)});
  for (const char* never : {"*-2-30 UTC", "2026-4-31 UTC", "Mon 2026-01-20 UTC", "2025-1-1 UTC",
                            "2026-01-15 10:00:00 UTC", "@0"}) {
    EXPECT_EQ(next(never, begin, 1), Times{}) << never;
  }
}

TEST(CalendarTime, LeavesOutTheHourThatSpringLeavesOut) {
  const auto night = utc(2026y / 3 / 29);  // 01:00 in Rome, where 02:00 is 03:00 an hour later.
  EXPECT_EQ(next("2:30 Europe/Rome", night, 1), Times{utc(2026y / 3 / 30, 30min)});
  EXPECT_EQ(next("*:0/30 Europe/Rome", night, 3),
            (Times{night + 30min, night + 1h, night + 90min}));
  EXPECT_EQ(next("2026-03-29 02:30 Europe/Rome", night, 1), Times{});
}

TEST(CalendarTime, TakesTheFirstOfTwoHoursInAutumn) {
  const auto night = utc(2026y / 10 / 25);  // 02:00 in Rome, for the first time.
  EXPECT_EQ(next("2:30 Europe/Rome", night, 2),
            (Times{night + 30min, utc(2026y / 10 / 26, 90min)}));
  EXPECT_EQ(next("hourly Europe/Rome", night - 30min, 3), (Times{night, night + 2h, night + 3h}));
  // Who asks in the second hour is told of what is left of it.
  EXPECT_EQ(next("2:30 Europe/Rome", night + 70min, 1), Times{night + 90min});
}

TEST(CalendarTime, FollowsChangesOfTheClockInTheNextCentury) {
  EXPECT_EQ(next("*-01,07-01 12:00 Europe/Rome", utc(2150y / 1 / 1), 2),
            (Times{utc(2150y / 1 / 1, 11h), utc(2150y / 7 / 1, 10h)}));
}

TEST(CalendarTime, LeavesOutADayThatAnIslandLeftOut) {
  EXPECT_EQ(
      next("12:00 Pacific/Apia", utc(2011y / 12 / 28, 70min), 3),
      (Times{utc(2011y / 12 / 28, 22h), utc(2011y / 12 / 29, 22h), utc(2011y / 12 / 30, 22h)}));
  EXPECT_EQ(next("daily America/Sao_Paulo", utc(2018y / 11 / 3, 70min), 2),
            (Times{utc(2018y / 11 / 3, 3h), utc(2018y / 11 / 5, 2h)}))
      << "that midnight did not exist";
}

TEST(CalendarTime, KnowsHalfHoursOfLordHowe) {
  const auto night = utc(2026y / 4 / 4, 14h + 40min);
  EXPECT_EQ(next("*:0/15 Australia/Lord_Howe", night, 2), (Times{night + 5min, night + 50min}));
}

}  // namespace
}  // namespace airlane::test
