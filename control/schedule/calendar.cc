#include "control/schedule/calendar.h"

#include "control/schedule/calendar_parser.h"

namespace airlane {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::microseconds;
using std::chrono::year_month_day;

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kLastYear = 2199;

std::int64_t length_of(std::int64_t year, std::int64_t month) {
  const std::chrono::year_month_day_last last(
      std::chrono::year(static_cast<int>(year)),
      std::chrono::month_day_last(std::chrono::month(static_cast<unsigned>(month))));
  return static_cast<unsigned>(last.day());
}

local_days to_day(std::int64_t year, std::int64_t month, std::int64_t day) {
  return local_days(year_month_day(std::chrono::year(static_cast<int>(year)),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))));
}

bool has_weekday(const CalendarFields& fields, local_days day) {
  const auto index = std::chrono::weekday(day).iso_encoding() - 1;  // Monday is 1.
  return (fields.weekdays >> index & 1) != 0;
}

std::optional<local_days> day_in_month(const CalendarFields& fields, std::int64_t year,
                                       std::int64_t month, std::int64_t from) {
  const auto length = length_of(year, month);
  const auto matching = fields.day_from_end ? fields.day.mirrored(length) : fields.day;
  auto day = matching.first_from(from);
  for (; day && *day <= length; day = matching.first_from(*day + 1)) {
    const auto found = to_day(year, month, *day);
    if (has_weekday(fields, found)) return found;
  }
  return std::nullopt;
}

std::optional<local_days> next_day(const CalendarFields& fields, local_days from) {
  const year_month_day begin(from);
  const std::int64_t first_year = static_cast<int>(begin.year());
  const std::int64_t first_month = static_cast<unsigned>(begin.month());
  const std::int64_t first_day = static_cast<unsigned>(begin.day());
  auto year = fields.year.first_from(first_year);
  for (; year && *year <= kLastYear; year = fields.year.first_from(*year + 1)) {
    const bool in_first_year = *year == first_year;
    auto month = fields.month.first_from(in_first_year ? first_month : 1);
    for (; month && *month <= 12; month = fields.month.first_from(*month + 1)) {
      const bool in_first_month = in_first_year && *month == first_month;
      const auto day = day_in_month(fields, *year, *month, in_first_month ? first_day : 1);
      if (day) return day;
    }
  }
  return std::nullopt;
}

// Of a day, in microseconds since its midnight.
std::optional<microseconds> next_time(const CalendarFields& fields, microseconds from) {
  const auto first_hour = from.count() / (60 * kMinute);
  const auto first_minute = from.count() / kMinute % 60;
  auto hour = fields.hour.first_from(first_hour);
  for (; hour && *hour < 24; hour = fields.hour.first_from(*hour + 1)) {
    const bool in_first_hour = *hour == first_hour;
    auto minute = fields.minute.first_from(in_first_hour ? first_minute : 0);
    for (; minute && *minute < 60; minute = fields.minute.first_from(*minute + 1)) {
      const bool in_first_minute = in_first_hour && *minute == first_minute;
      const auto second = fields.second.first_from(in_first_minute ? from.count() % kMinute : 0);
      if (second && *second < kMinute) {
        return microseconds((*hour * 60 + *minute) * kMinute + *second);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Outcome<Calendar> Calendar::parse(std::string_view text) { return CalendarParser(text).parse(); }

// The expression is about what the clock shows; what it shows is looked up only for what matches.
std::optional<Calendar::Time> Calendar::next(Time after) const {
  const auto earliest = after + microseconds(1);
  auto found = next_local(zone_.at(earliest));
  while (found) {
    const auto moments = zone_.moments(*found);
    if (moments.kind != Zone::Moments::Kind::kNone) {
      return moments.first >= earliest ? moments.first : moments.second;
    }
    found = next_local(moments.resumes);
  }
  return std::nullopt;
}

std::optional<Zone::Local> Calendar::next_local(Zone::Local from) const {
  const auto today = floor<days>(from);
  for (auto day = next_day(fields_, today); day; day = next_day(fields_, *day + days(1))) {
    const auto time = next_time(fields_, *day == today ? from - today : microseconds(0));
    if (time) return *day + *time;
  }
  return std::nullopt;
}

}  // namespace airlane
