#include <algorithm>
#include <charconv>

#include "control/api/request_options.h"

namespace airlane::api {
namespace {

// Eats a text from the left; `failed` once something was not there.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!next_is_digit()) return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool skip_any_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == characters.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect_any_of(std::string_view characters) {
    if (!skip_any_of(characters)) fail();
  }
  // ".25" or ",25" of so much, cut off to whole seconds; nothing where there is none.
  std::chrono::seconds fraction_of(std::chrono::seconds whole) {
    if (!skip_any_of(".,")) return {};
    if (!next_is_digit()) fail();
    double part = 0;
    for (double digit = 0.1; next_is_digit(); digit /= 10) {
      part += digit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    const auto seconds = part * static_cast<double>(whole.count());
    return std::min(std::chrono::seconds(static_cast<std::int64_t>(seconds + 1e-6)),
                    whole - std::chrono::seconds(1));
  }
  [[nodiscard]] std::size_t count_digits() const {
    return std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  }
  [[nodiscard]] bool next_is_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  int fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

constexpr std::int64_t kYear10000 = 253'402'300'800;  // RFC 3339 has four digits for the year.

std::optional<WallSeconds> unix_time(std::string_view text) {
  const auto fraction = std::min(text.find('.'), text.size());
  const auto decimals = text.substr(std::min(fraction + 1, text.size()));
  if (decimals.find_first_not_of("0123456789") != decimals.npos) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + fraction, seconds);
  if (error != std::errc() || end != text.data() + fraction) return std::nullopt;
  if (seconds < 0 || seconds >= kYear10000) return std::nullopt;
  return from_unix(seconds);
}

// "-W09-7" or "W097", after the year: the first week is the one with January 4th in it.
std::chrono::sys_days read_week(Cursor& cursor, std::chrono::year year, bool extended) {
  const int week = cursor.digits(2);
  if (extended) cursor.expect_any_of("-");
  const int day = cursor.digits(1);
  const std::chrono::sys_days fourth = year / std::chrono::January / 4;
  const auto weeks_monday =
      fourth - (std::chrono::weekday(fourth) - std::chrono::Monday) + std::chrono::weeks(week - 1);
  // A week belongs to the year of its Thursday.
  const std::chrono::year_month_day thursday(weeks_monday + std::chrono::days(3));
  if (week < 1 || day < 1 || day > 7 || thursday.year() != year) cursor.fail();
  return weeks_monday + std::chrono::days(day - 1);
}

// "-060" or "060", after the year.
std::chrono::sys_days read_day_of_year(Cursor& cursor, std::chrono::year year) {
  const int day = cursor.digits(3);
  if (day < 1 || day > (year.is_leap() ? 366 : 365)) cursor.fail();
  return std::chrono::sys_days(year / 1 / 1) + std::chrono::days(day - 1);
}

std::chrono::sys_days read_date(Cursor& cursor) {
  const std::chrono::year year(cursor.digits(4));
  const bool extended = cursor.skip_any_of("-");
  if (cursor.skip_any_of("W")) return read_week(cursor, year, extended);
  if (cursor.count_digits() == 3) return read_day_of_year(cursor, year);
  const int month = cursor.digits(2);
  if (extended) cursor.expect_any_of("-");
  const int day = cursor.digits(2);
  const std::chrono::year_month_day date{year, std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) cursor.fail();
  return date;
}

// Hours, and as much of minutes and seconds as there is; a fraction is one of the last of them.
std::chrono::seconds read_clock(Cursor& cursor) {
  using std::chrono::seconds;
  constexpr seconds kHour(3600);
  constexpr seconds kMinute(60);
  const int hour = cursor.digits(2);
  const bool extended = cursor.skip_any_of(":");
  if (!extended && !cursor.next_is_digit()) {
    const auto rest = cursor.fraction_of(kHour);
    if (hour > 24 || (hour == 24 && rest != seconds(0))) cursor.fail();
    return hour * kHour + rest;
  }
  const int minute = cursor.digits(2);
  auto rest = minute * kMinute;
  if (extended ? cursor.skip_any_of(":") : cursor.next_is_digit()) {
    const int second = cursor.digits(2);
    if (second > 60) cursor.fail();  // 60 is a leap second, which Unix time does not have.
    rest += seconds(second) + cursor.fraction_of(seconds(1));
  } else {
    rest += cursor.fraction_of(kMinute);
  }
  // 24:00 is the end of the day, and nothing comes after it.
  if (hour > 24 || minute > 59 || (hour == 24 && rest != seconds(0))) cursor.fail();
  return hour * kHour + rest;
}

// How far ahead of UTC.
std::chrono::seconds read_zone(Cursor& cursor) {
  if (cursor.at_end() || cursor.skip_any_of("Zz")) return {};
  const bool behind = cursor.front() == '-';
  cursor.expect_any_of("+- ");
  const int hours = cursor.digits(2);
  int minutes = 0;
  if (cursor.skip_any_of(":") || !cursor.at_end()) minutes = cursor.digits(2);
  if (hours > 23 || minutes > 59) cursor.fail();
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return behind ? -offset : offset;
}

}  // namespace

std::optional<WallSeconds> parse_time(std::string_view text) {
  if (const auto plain = unix_time(text)) return plain;
  Cursor cursor(text);
  WallSeconds time = read_date(cursor);
  if (!cursor.at_end()) {
    cursor.expect_any_of("Tt ");
    time += read_clock(cursor);
    time -= read_zone(cursor);
  }
  if (cursor.failed() || !cursor.at_end() || unix_seconds(time) < 0 ||
      unix_seconds(time) >= kYear10000) {
    return std::nullopt;
  }
  return time;
}

}  // namespace airlane::api
