#include "control/api/json.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace airlane::api {
namespace {

// At least so many digits.
void add_digits(std::string& to, unsigned number, std::size_t width) {
  char digits[10];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
  const auto count = static_cast<std::size_t>(end - digits);
  to.append(width - std::min(width, count), '0').append(digits, count);
}

}  // namespace

std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string pretty(const Json& value) {
  return value.dump(4, ' ', false, Json::error_handler_t::replace);
}

std::optional<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

// By hand: a long list has two in each row, and printf was a third of what it cost.
std::string to_iso(WallSeconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  std::string text(year < 0 ? "-" : "");
  add_digits(text, static_cast<unsigned>(std::abs(year)), 4);
  for (const auto& [before, number] : {std::pair('-', static_cast<unsigned>(date.month())),
                                       {'-', static_cast<unsigned>(date.day())},
                                       {'T', static_cast<unsigned>(clock.hours().count())},
                                       {':', static_cast<unsigned>(clock.minutes().count())},
                                       {':', static_cast<unsigned>(clock.seconds().count())}}) {
    text += before;
    add_digits(text, number, 2);
  }
  return text += 'Z';
}

Json iso_or_null(const std::optional<WallSeconds>& time) {
  return time ? Json(to_iso(*time)) : Json(nullptr);
}

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

}  // namespace airlane::api
