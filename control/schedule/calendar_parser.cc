#include "control/schedule/calendar_parser.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace airlane {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kLastYear = 2199;
constexpr std::int64_t kLastUnixTime = 7'258'118'399;  // 2199-12-31 23:59:59.
constexpr std::int64_t kNumberMost = 99'999'999'999;

constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kShorthands{{
    {"minutely", "*:*"},
    {"hourly", "*:0"},
    {"daily", "*-*-*"},
    {"weekly", "Mon"},
    {"monthly", "*-*-1"},
    {"quarterly", "*-1,4,7,10-1"},
    {"semiannually", "*-1,7-1"},
    {"semi-annually", "*-1,7-1"},
    {"biannually", "*-1,7-1"},
    {"bi-annually", "*-1,7-1"},
    {"yearly", "*-1-1"},
    {"annually", "*-1-1"},
    {"anually", "*-1-1"},
}};

constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same_letters(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

Component just(std::int64_t value) { return Component({Steps{value, std::nullopt, 0}}); }

// 26 is 2026 and 99 is 1999.
std::int64_t whole_year(std::int64_t year) {
  if (year < 70) return year + 2000;
  return year < 100 ? year + 1900 : year;
}

// What never comes is left out: steps beyond the end of a range, and the end itself then.
void normalize(Steps& steps) {
  if (!steps.stop) return;
  const bool is_alone = *steps.stop == steps.start ||
                        (*steps.stop > steps.start && steps.start + steps.repeat > *steps.stop);
  if (is_alone) {
    steps = {steps.start, std::nullopt, 0};
  } else if (*steps.stop > steps.start) {
    *steps.stop -= (*steps.stop - steps.start) % steps.repeat;
  }
}

}  // namespace

Outcome<Calendar> CalendarParser::parse() {
  bool good = take_zone();
  if (good && text_.empty()) good = complain(0, "the expression is empty");
  expand_shorthand();
  good = good && take_weekdays() && take_date() && take_time();
  if (!good) return Failure{Failure::Kind::kInvalid, complaint_};
  return Calendar(fields_, zone_ ? *zone_ : Zone::local());
}

// No other word but a zone's has a space before it and begins with a letter.
bool CalendarParser::take_zone() {
  const auto space = text_.rfind(' ');
  if (space == text_.npos) return true;
  const auto word = text_.substr(space + 1);
  if (same_letters(word, "UTC")) {
    zone_ = Zone::utc();
  } else {
    zone_ = Zone::find(word);
  }
  if (zone_) {
    text_ = text_.substr(0, space);
  } else if (!word.empty() && std::isalpha(static_cast<unsigned char>(word[0])) != 0) {
    return complain(space + 1, "there is no time zone \"" + std::string(word) + "\"");
  }
  return true;
}

void CalendarParser::expand_shorthand() {
  for (const auto& [name, meaning] : kShorthands) {
    if (!same_letters(text_, name)) continue;
    text_ = meaning;
    return;
  }
}

std::optional<unsigned> CalendarParser::take_weekday() {
  const auto rest = text_.substr(position_);
  for (unsigned day = 0; day < kWeekdays.size(); ++day) {
    for (const auto length : {kWeekdays[day].size(), std::size_t{3}}) {
      if (!same_letters(rest.substr(0, length), kWeekdays[day].substr(0, length))) continue;
      position_ += length;
      return day;
    }
  }
  return std::nullopt;
}

bool CalendarParser::take_weekdays() {
  auto day = take_weekday();
  if (!day) return true;
  fields_.weekdays = 0;
  bool in_range = false;
  unsigned first = 0;
  while (true) {
    if (!in_range) first = *day;
    if (first > *day) return complain(position_, "a range of weekdays goes from Mon to Sun");
    for (unsigned bit = first; bit <= *day; ++bit) fields_.weekdays |= 1U << bit;
    const bool may_end = at_end() || next_is(" ") || take(",");
    if (!may_end && (in_range || !(take("..") || take("-")))) {
      return complain(position_, "only \",\", \"..\" or a space may follow a weekday");
    }
    in_range = !may_end;
    if (may_end && (at_end() || next_is(" "))) break;
    day = take_weekday();
    if (!day) return complain(position_, "a weekday is missing here");
  }
  skip_spaces();
  return true;
}

bool CalendarParser::take_date() {
  if (at_end()) return true;
  if (take("@")) return take_unix_time();
  const auto begin = position_;
  Chain first;
  if (!take_chain(Unit::kWhole, first)) return false;
  if (at_end() || next_is(":")) {  // It was a time.
    position_ = begin;
    return true;
  }
  if (!take_month_and_day(first)) return false;
  skip_spaces();
  return true;
}

// With two parts they are month and day, with three it begins with the year.
bool CalendarParser::take_month_and_day(const Chain& first) {
  Chain second;
  if (!take_dash_or_tilde() || !take_chain(Unit::kWhole, second)) return false;
  if (at_end() || next_is(" ")) {
    Chain every_year;
    every_year.any = true;
    return set_date(every_year, first, second);
  }
  if (fields_.day_from_end) return complain(position_, "\"~\" stands before the day only");
  Chain third;
  if (!take_dash_or_tilde() || !take_chain(Unit::kWhole, third)) return false;
  if (!at_end() && !next_is(" ")) return complain(position_, "only a space may follow a date");
  return set_date(first, second, third);
}

bool CalendarParser::take_dash_or_tilde() {
  if (take("-")) return true;
  fields_.day_from_end = take("~");
  return fields_.day_from_end || complain(position_, "\"-\" or \"~\" is missing here");
}

bool CalendarParser::set_date(const Chain& year, const Chain& month, const Chain& day) {
  auto years = year;
  for (auto& piece : years.pieces) {
    piece.steps.start = whole_year(piece.steps.start);
    if (piece.steps.stop) piece.steps.stop = whole_year(*piece.steps.stop);
  }
  const auto days = fields_.day_from_end
                        ? Domain{"a day before the end of a month is 1 to 28", 1, 28, true}
                        : Domain{"a day is 1 to 31", 1, 31};
  if (day.any) fields_.day_from_end = false;
  return fit(years, {"a year is 1970 to 2199", 1970, kLastYear}, fields_.year) &&
         fit(month, {"a month is 1 to 12", 1, 12}, fields_.month) && fit(day, days, fields_.day);
}

bool CalendarParser::take_unix_time() {
  const auto begin = position_;
  std::int64_t number = 0;
  if (!take_number(Unit::kWhole, number)) return false;
  if (!at_end()) return complain(position_, "only a zone may follow a Unix time");
  if (number > kLastUnixTime) return complain(begin, "the last Unix time is 7258118399");
  const std::chrono::sys_seconds time{std::chrono::seconds(number)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = (time - day).count();
  fields_.year = just(static_cast<int>(date.year()));
  fields_.month = just(static_cast<unsigned>(date.month()));
  fields_.day = just(static_cast<unsigned>(date.day()));
  fields_.hour = just(of_day / 3600);
  fields_.minute = just(of_day / 60 % 60);
  fields_.second = just(of_day % 60 * kSecond);
  zone_ = Zone::utc();
  return true;
}

bool CalendarParser::take_time() {
  if (at_end()) {
    if (fields_.hour.is_any() && fields_.minute.is_any() && fields_.second.is_any()) {
      fields_.hour = fields_.minute = fields_.second = just(0);
    }
    return true;
  }
  Chain hour;
  Chain minute;
  Chain second{false, {Piece{}}};
  if (!take_chain(Unit::kWhole, hour)) return false;
  if (!take(":")) return complain(position_, "\":\" and the minutes are missing here");
  if (!take_chain(Unit::kWhole, minute)) return false;
  if (!at_end()) {
    if (!take(":")) return complain(position_, "\":\" or the end is missing here");
    second = {};
    if (!take_chain(Unit::kMicroseconds, second)) return false;
    if (!at_end()) return complain(position_, "only a zone may follow a time");
  }
  if (second.any) second = {false, {Piece{{0, std::nullopt, kSecond}, position_}}};
  return fit(hour, {"an hour is 0 to 23", 0, 23}, fields_.hour) &&
         fit(minute, {"a minute is 0 to 59", 0, 59}, fields_.minute) &&
         fit(second, {"a second is 0 to 59.999999", 0, kMinute - 1}, fields_.second);
}

bool CalendarParser::take_chain(Unit unit, Chain& chain) {
  if (take("*")) {
    chain.any = true;
    return true;
  }
  do {
    chain.pieces.emplace_back();
    if (!take_piece(unit, chain.pieces.back())) return false;
  } while (take(","));
  return true;
}

bool CalendarParser::take_piece(Unit unit, Piece& piece) {
  piece.position = position_;
  auto& steps = piece.steps;
  if (!take_number(unit, steps.start)) return false;
  if (take("..")) {
    steps.repeat = unit == Unit::kWhole ? 1 : kSecond;
    if (!take_number(unit, steps.stop.emplace())) return false;
  }
  if (take("/")) {
    const auto at = position_;
    if (!take_number(unit, steps.repeat)) return false;
    if (steps.repeat == 0) return complain(at, "a step of nothing leads nowhere");
  } else if (unit == Unit::kMicroseconds && steps.stop && steps.start + kSecond > *steps.stop) {
    return complain(piece.position, "a range of less than a second needs a step");
  }
  if (at_end() || std::string_view(" ,-~:").find(text_[position_]) != std::string_view::npos) {
    return true;
  }
  return complain(position_, "this may not follow a number");
}

bool CalendarParser::take_number(Unit unit, std::int64_t& number) {
  const auto begin = position_;
  number = 0;
  for (; !at_end() && is_digit(text_[position_]); ++position_) {
    number = number * 10 + (text_[position_] - '0');
    if (number > kNumberMost) return complain(begin, "this number is too large");
  }
  if (position_ == begin) return complain(begin, "a number is missing here");
  if (unit == Unit::kMicroseconds) number = number * kSecond + take_fraction();
  return true;
}

// A point without a digit behind it is not a fraction, but may be a range.
std::int64_t CalendarParser::take_fraction() {
  const auto rest = text_.substr(position_);
  if (rest.size() < 2 || rest[0] != '.' || !is_digit(rest[1])) return 0;
  ++position_;
  std::int64_t value = 0;
  for (std::int64_t unit = kSecond / 10; !at_end() && is_digit(text_[position_]); unit /= 10) {
    const auto digit = text_[position_++] - '0';
    value += digit * unit;
    if (unit == 0 && digit >= 5) ++value;  // The seventh rounds.
    if (unit == 0) break;
  }
  while (!at_end() && is_digit(text_[position_])) ++position_;
  return value;
}

bool CalendarParser::fit(const Chain& chain, Domain domain, Component& component) {
  std::vector<Steps> list;
  for (const auto& piece : chain.pieces) {
    auto steps = piece.steps;
    normalize(steps);
    if (!is_within(steps, domain, piece.position)) return false;
    list.push_back(steps);
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  component = Component(std::move(list));
  return true;
}

bool CalendarParser::is_within(const Steps& steps, const Domain& domain, std::size_t position) {
  const auto is_in = [&](std::int64_t value) {
    return value >= domain.least && value <= domain.most;
  };
  if (!is_in(steps.start) || !is_in(steps.stop.value_or(steps.start))) {
    return complain(position, domain.sentence);
  }
  if (steps.stop && *steps.stop < steps.start) {
    return complain(position, "this range ends before it begins");
  }
  if (steps.stop || steps.repeat == 0) return true;
  const auto second = domain.from_end ? steps.start - steps.repeat : steps.start + steps.repeat;
  if (is_in(second)) return true;
  return complain(position, std::string("this step leads too far: ") + domain.sentence);
}

bool CalendarParser::take(std::string_view what) {
  if (!next_is(what)) return false;
  position_ += what.size();
  return true;
}

void CalendarParser::skip_spaces() {
  while (take(" ")) {
  }
}

bool CalendarParser::complain(std::size_t position, const std::string& why) {
  if (complaint_.empty()) complaint_ = "at character " + std::to_string(position + 1) + ": " + why;
  return false;
}

}  // namespace airlane
