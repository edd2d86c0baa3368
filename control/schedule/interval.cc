#include "control/schedule/interval.h"

#include <optional>
#include <string>

namespace airlane {
namespace {

constexpr std::chrono::seconds kLeast{5};
constexpr std::chrono::seconds kMost = std::chrono::hours(366 * 24);
constexpr std::size_t kDigitsMost = 9;

Failure wrong(std::size_t position, const std::string& why) {
  return {Failure::Kind::kInvalid, "at character " + std::to_string(position + 1) + ": " + why};
}

struct End {
  std::int64_t number = 0;
  std::int64_t unit = 0;  // In seconds; 0 when there is none.
  std::size_t position = 0;
};

std::int64_t unit_of(char c) {
  switch (c) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    default:
      return 0;
  }
}

Outcome<End> read_end(std::string_view text, std::size_t& at) {
  End end;
  end.position = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    if (at - end.position >= kDigitsMost) return wrong(end.position, "this number is too large");
    end.number = end.number * 10 + (text[at] - '0');
  }
  if (at == end.position) return wrong(at, "a number is missing here");
  if (at < text.size()) end.unit = unit_of(text[at]);
  if (end.unit != 0) ++at;
  return end;
}

Outcome<std::chrono::seconds> length(const End& end) {
  const std::chrono::seconds seconds(end.number * end.unit);
  if (seconds < kLeast) return wrong(end.position, "an interval is at least 5s");
  if (seconds > kMost) return wrong(end.position, "an interval is at most 366d");
  return seconds;
}

}  // namespace

Outcome<Interval> Interval::parse(std::string_view text) {
  std::size_t at = 0;
  auto least = read_end(text, at);
  if (!least) return least.error();
  auto most = least;
  if (at < text.size() && text[at] == '-') {
    most = read_end(text, ++at);
    if (!most) return most.error();
  }
  if (at < text.size()) return wrong(at, "only s, m, h, d or \"-\" may follow a number");
  if (most->unit == 0 && least->unit != 0) {
    return wrong(at, "the second number needs its unit too");
  }
  if (most->unit == 0) most->unit = unit_of('m');
  if (least->unit == 0) least->unit = most->unit;
  const auto from = length(*least);
  if (!from) return from.error();
  const auto till = length(*most);
  if (!till) return till.error();
  if (*till < *from) return wrong(most->position, "the range ends before it begins");
  return Interval{*from, *till};
}

std::chrono::seconds Interval::draw(std::uint64_t random) const {
  const auto choices = static_cast<std::uint64_t>((most - least).count()) + 1;
  return least + std::chrono::seconds(static_cast<std::int64_t>(random % choices));
}

}  // namespace airlane
