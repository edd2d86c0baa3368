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
  void skip_digits() {
    if (!next_is_digit()) fail();
    while (next_is_digit()) rest_.remove_prefix(1);
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

std::chrono::sys_days read_date(Cursor& cursor) {
  const int year = cursor.digits(4);
  const bool extended = cursor.skip_any_of("-");
  const int month = cursor.digits(2);
  if (extended) cursor.expect_any_of("-");
  const int day = cursor.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970) cursor.fail();
  return date;
}

std::chrono::seconds read_clock(Cursor& cursor) {
  const int hour = cursor.digits(2);
  const bool extended = cursor.skip_any_of(":");
  const int minute = cursor.digits(2);
  int second = 0;
  if (extended ? cursor.skip_any_of(":") : cursor.next_is_digit()) {
    second = cursor.digits(2);
    if (cursor.skip_any_of(".,")) cursor.skip_digits();
  }
  if (hour > 23 || minute > 59 || second > 59) cursor.fail();
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
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
