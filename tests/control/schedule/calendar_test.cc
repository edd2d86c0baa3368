// What calendar expressions are written like, what they are understood as, and what is none.
#include "control/schedule/calendar.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace airlane::test {
namespace {

std::string normal(std::string_view text) {
  const auto calendar = Calendar::parse(text);
  return calendar ? calendar->to_string() : calendar.error().text;
}

using Row = std::pair<const char*, const char*>;

TEST(Calendar, UnderstandsTheExamplesOfTheManPage) {
  constexpr std::array rows{
      Row{"Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"},
      Row{"Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00"},
      Row{"Wed *-1", "Wed *-*-01 00:00:00"},
      Row{"Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"},
      Row{"Wed, 17:48", "Wed *-*-* 17:48:00"},
      Row{"Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03"},
      Row{"*-*-7 0:0:0", "*-*-07 00:00:00"},
      Row{"10-15", "*-10-15 00:00:00"},
      Row{"monday *-12-* 17:00", "Mon *-12-* 17:00:00"},
      Row{"Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45"},
      Row{"12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"},
      Row{"12..14:10,20,30", "*-*-* 12..14:10,20,30:00"},
      Row{"mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45"},
      Row{"03-05 08:05:40", "*-03-05 08:05:40"},
      Row{"08:05:40", "*-*-* 08:05:40"},
      Row{"05:40", "*-*-* 05:40:00"},
      Row{"Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40"},
      Row{"Sat,Sun 08:05:40", "Sat,Sun *-*-* 08:05:40"},
      Row{"2003-03-05 05:40", "2003-03-05 05:40:00"},
      Row{"05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001"},
      Row{"2003-02..04-05", "2003-02..04-05 00:00:00"},
      Row{"2003-03-05 05:40 UTC", "2003-03-05 05:40:00 UTC"},
      Row{"2003-03-05", "2003-03-05 00:00:00"},
      Row{"03-05", "*-03-05 00:00:00"},
      Row{"hourly", "*-*-* *:00:00"},
      Row{"daily", "*-*-* 00:00:00"},
      Row{"daily UTC", "*-*-* 00:00:00 UTC"},
      Row{"monthly", "*-*-01 00:00:00"},
      Row{"weekly", "Mon *-*-* 00:00:00"},
      Row{"weekly Pacific/Auckland", "Mon *-*-* 00:00:00 Pacific/Auckland"},
      Row{"yearly", "*-01-01 00:00:00"},
      Row{"annually", "*-01-01 00:00:00"},
      Row{"*:2/3", "*-*-* *:02/3:00"},
      Row{"minutely", "*-*-* *:*:00"},
      Row{"quarterly", "*-01,04,07,10-01 00:00:00"},
      Row{"semiannually", "*-01,07-01 00:00:00"},
      Row{"*-02~03", "*-02~03 00:00:00"},
      Row{"Mon *-05~07/1", "Mon *-05~07/1 00:00:00"},
      Row{"Thu,Fri 2012-*-1,5 11:12:13", "Thu,Fri 2012-*-01,05 11:12:13"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(normal(text), expected) << text;
}

TEST(Calendar, NormalizesAsSystemdDoes) {
  constexpr std::array rows{
      Row{"DAILY utc", "*-*-* 00:00:00 UTC"},
      Row{"Mon-Fri", "Mon..Fri *-*-* 00:00:00"},
      Row{"Mon..Sun", "*-*-* 00:00:00"},
      Row{"Mon ", "Mon *-*-* 00:00:00"},
      Row{"69-1-1", "2069-01-01 00:00:00"},
      Row{"99..5-1-1", "1999..2005-01-01 00:00:00"},
      Row{"*~*", "*-*-* 00:00:00"},
      Row{"1..3,2,1/2:0", "*-*-* 01/2,01..03,02:00:00"},
      Row{"5..5:00", "*-*-* 05:00:00"},
      Row{"1..5/10:00", "*-*-* 01:00:00"},
      Row{"0..3/2:0..59/7:0", "*-*-* 00..02/2:00..56/7:00"},
      Row{"0/1:0/1:0/1", "*-*-* 00/1:00/1:*"},
      Row{"*:*:*", "*-*-* *:*:*"},
      Row{"12:00:01..5.5", "*-*-* 12:00:01..05"},
      Row{"12:00:1..2/0.3", "*-*-* 12:00:01..01.900000/0.300000"},
      Row{"05:40:0.12345649999", "*-*-* 05:40:00.123456"},
      Row{"@4000000000", "2096-10-02 07:06:40 UTC"},
      Row{"Tue @4000000000 Europe/Rome", "Tue 2096-10-02 07:06:40 UTC"},
      Row{"00000000001:00", "*-*-* 01:00:00"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(normal(text), expected) << text;
}

TEST(Calendar, SaysWhereItStoppedUnderstanding) {
  constexpr std::array rows{
      Row{"", "at character 1: the expression is empty"},
      Row{"Mon 25:00", "at character 5: an hour is 0 to 23"},
      Row{"Mon 12:60", "at character 8: a minute is 0 to 59"},
      Row{"12:00:60", "at character 7: a second is 0 to 59.999999"},
      Row{"12:00:59.9999995", "at character 7: a second is 0 to 59.999999"},
      Row{"2200-1-1", "at character 1: a year is 1970 to 2199"},
      Row{"100-1-1", "at character 1: a year is 1970 to 2199"},
      Row{"*-13-1", "at character 3: a month is 1 to 12"},
      Row{"*-*-0", "at character 5: a day is 1 to 31"},
      Row{"*-*~29", "at character 5: a day before the end of a month is 1 to 28"},
      Row{"Fri..Mon", "at character 9: a range of weekdays goes from Mon to Sun"},
      Row{"Mondays", "at character 7: only \",\", \"..\" or a space may follow a weekday"},
      Row{"Mon..", "at character 6: a weekday is missing here"},
      Row{"5..3:00", "at character 1: this range ends before it begins"},
      Row{"0/24:00", "at character 1: this step leads too far: an hour is 0 to 23"},
      Row{"*-*~5/7",
          "at character 5: this step leads too far: a day before the end of a month is 1 to 28"},
      Row{"0/0:00", "at character 3: a step of nothing leads nowhere"},
      Row{"10:00:0..0.5", "at character 7: a range of less than a second needs a step"},
      Row{"10", "at character 3: \":\" and the minutes are missing here"},
      Row{"10:00 Europe/Nowhere", "at character 7: there is no time zone \"Europe/Nowhere\""},
      Row{"10:00 ../Rome", "at character 6: \":\" or the end is missing here"},
      Row{"10:00 daily", "at character 7: there is no time zone \"daily\""},
      Row{"99999999999999999999:00", "at character 1: this number is too large"},
      Row{"*/2:00", "at character 2: \"-\" or \"~\" is missing here"},
      Row{"1,,2:00", "at character 3: a number is missing here"},
      Row{"1;2:00", "at character 2: this may not follow a number"},
      Row{"2026~1-1", "at character 7: \"~\" stands before the day only"},
      Row{"@7258118400", "at character 2: the last Unix time is 7258118399"},
      Row{"@1 10:00", "at character 3: only a zone may follow a Unix time"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(normal(text), expected) << text;
}

TEST(Calendar, KeepsOutOfOtherFolders) {
  for (const char* zone : {"/etc/localtime", "../zoneinfo/Europe/Rome", "Europe//Rome", "Europe/",
                           "Europe", "Fixed/UTC+01:00:00", "tzdata.zi", "europe/rome"}) {
    EXPECT_FALSE(Zone::find(zone)) << zone;
  }
  EXPECT_TRUE(Zone::find("Europe/Rome"));
  EXPECT_TRUE(Zone::find("America/Argentina/Buenos_Aires"));
  EXPECT_TRUE(Zone::find("Etc/GMT+5"));
}

}  // namespace
}  // namespace airlane::test
