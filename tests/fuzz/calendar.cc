// Calendar and interval expressions: what is understood can be written down and is then the same,
// its moments go forwards and match what the expression says of itself, and nothing takes for ever.
#include "control/schedule/calendar.h"
#include "control/schedule/interval.h"
#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

void check_interval(std::string_view text) {
  const auto interval = Interval::parse(text);
  if (!interval) return;
  require(interval->least.count() >= 5 && interval->least <= interval->most, "an odd interval");
  for (const std::uint64_t random : {std::uint64_t{0}, std::uint64_t{12345}, ~std::uint64_t{0}}) {
    const auto drawn = interval->draw(random);
    require(drawn >= interval->least && drawn <= interval->most, "a draw outside of the interval");
  }
}

void check_calendar(std::string_view text) {
  const auto calendar = Calendar::parse(text);
  if (!calendar) {
    return require(calendar.error().text.starts_with("at character "), "an error without a place");
  }
  const auto normal = calendar->to_string();
  const auto again = Calendar::parse(normal);
  require(again.has_value(), "the normalized form is not understood");
  require(again->to_string() == normal, "the normalized form can be normalized further");
  Calendar::Time time{std::chrono::seconds(1'767'225'600)};
  for (int i = 0; i < 3; ++i) {
    const auto next = calendar->next(time);
    require(next == again->next(time), "the normalized form means something else");
    if (!next) return;
    require(*next > time, "time goes backwards");
    require(calendar->next(*next - std::chrono::microseconds(1)) == next, "a moment is missed");
    time = *next;
  }
}

}  // namespace

void check(std::string_view data) {
  if (data.size() > 1000) return;  // As control/checks.cc does.
  check_interval(data);
  check_calendar(data);
}

}  // namespace airlane::fuzz
