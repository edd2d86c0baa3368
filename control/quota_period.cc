#include "control/quota_period.h"

namespace airlane {
namespace {

std::optional<int> two_digits(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(text[0]) || !digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

std::optional<std::chrono::minutes> zone_offset(std::string_view zone) {
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

Period period_of(const QuotaRecord& quota, WallSeconds time) {
  using std::chrono::days;
  using std::chrono::sys_days;
  const auto ahead = zone_offset(quota.zone).value_or(std::chrono::minutes(0));
  const auto day = std::chrono::floor<days>(time + ahead);
  if (quota.period == "day") return {day - ahead, day + days(1) - ahead};
  const std::chrono::year_month_day date(day);
  const auto month = date.year() / date.month();
  return {sys_days(month / 1) - ahead, sys_days((month + std::chrono::months(1)) / 1) - ahead};
}

}  // namespace airlane
