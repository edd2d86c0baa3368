#include "control/quota_period.h"

#include <chrono>
#include <optional>

#include "control/schedule/zone.h"

namespace airlane {
namespace {

std::optional<int> two_digits(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(text[0]) || !digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

std::optional<std::chrono::minutes> offset_of(std::string_view zone) {
  constexpr std::chrono::minutes kMost = std::chrono::hours(14);
  if (zone == "UTC") return std::chrono::minutes(0);
  const bool shaped = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
  if (!shaped) return std::nullopt;
  const auto hours = two_digits(zone.substr(1));
  const auto minutes = two_digits(zone.substr(4));
  if (!hours || !minutes || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (offset > kMost) return std::nullopt;
  return zone[0] == '-' ? -offset : offset;
}

// The dates that a day or month begins and ends with.
struct Dates {
  std::chrono::local_days begin;
  std::chrono::local_days end;
};

Dates dates_of(std::string_view period, std::chrono::local_days day) {
  if (period == "day") return {day, day + std::chrono::days(1)};
  const std::chrono::year_month_day date(day);
  const auto month = date.year() / date.month();
  return {std::chrono::local_days(month / 1),
          std::chrono::local_days((month + std::chrono::months(1)) / 1)};
}

// The first moment of the day.
WallSeconds midnight(const Zone& zone, std::chrono::local_days day) {
  auto moments = zone.moments(day);
  if (moments.kind == Zone::Moments::Kind::kNone) moments = zone.moments(moments.resumes);
  return std::chrono::floor<std::chrono::seconds>(moments.first);
}

}  // namespace

bool is_zone(std::string_view zone) { return offset_of(zone) || Zone::find(zone); }

Period period_of(const QuotaRecord& quota, WallSeconds time) {
  using std::chrono::days;
  const auto named = offset_of(quota.zone) ? std::nullopt : Zone::find(quota.zone);
  if (named) {
    const auto dates = dates_of(quota.period, std::chrono::floor<days>(named->at(time)));
    return {midnight(*named, dates.begin), midnight(*named, dates.end)};
  }
  const auto ahead = offset_of(quota.zone).value_or(std::chrono::minutes(0));
  const std::chrono::local_seconds local((time + ahead).time_since_epoch());
  const auto dates = dates_of(quota.period, std::chrono::floor<days>(local));
  const auto when = [&](std::chrono::local_days day) {
    return WallSeconds(day.time_since_epoch()) - ahead;
  };
  return {when(dates.begin), when(dates.end)};
}

}  // namespace airlane
