// The normalized form of a calendar expression, as systemd writes it.
#include <array>
#include <cstdio>

#include "control/schedule/calendar.h"

namespace airlane {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::array<const char*, 7> kWeekdays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::string weekdays(unsigned bits) {
  if (bits == CalendarFields::kEveryDay) return {};
  std::string text;
  for (unsigned first = 0; first < 7; ++first) {
    if ((bits >> first & 1) == 0) continue;
    unsigned last = first;
    while (last < 6 && (bits >> (last + 1) & 1) != 0) ++last;
    if (!text.empty()) text += ',';
    text += kWeekdays[first];
    if (last > first) text += (last == first + 1 ? "," : "..") + std::string(kWeekdays[last]);
    first = last;
  }
  return text + ' ';
}

std::string padded(std::int64_t number, int width) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%0*lld", width, static_cast<long long>(number));
  return text.data();
}

std::string list_text(const Component& component) {
  if (component.is_any()) return "*";
  std::string text;
  for (const auto& steps : component.list()) {
    if (!text.empty()) text += ',';
    text += padded(steps.start, 2);
    if (steps.stop) text += ".." + padded(*steps.stop, 2);
    if (steps.repeat > (steps.stop ? 1 : 0)) text += '/' + std::to_string(steps.repeat);
  }
  return text;
}

std::string seconds(std::int64_t value, int width) {
  const auto whole = padded(value / kSecond, width);
  return value % kSecond == 0 ? whole : whole + '.' + padded(value % kSecond, 6);
}

std::string second_text(const Component& component) {
  std::string text;
  for (const auto& steps : component.list()) {
    if (steps == Steps{0, std::nullopt, kSecond} && component.list().size() == 1) return "*";
    if (!text.empty()) text += ',';
    text += seconds(steps.start, 2);
    if (steps.stop) text += ".." + seconds(*steps.stop, 2);
    const bool is_plain = steps.repeat == 0 || (steps.stop && steps.repeat == kSecond);
    if (!is_plain) text += '/' + seconds(steps.repeat, 1);
  }
  return text;
}

}  // namespace

std::string Calendar::to_string() const {
  const auto& f = fields_;
  const auto zone = zone_.name().empty() ? "" : ' ' + zone_.name();
  return weekdays(f.weekdays) + list_text(f.year) + '-' + list_text(f.month) +
         (f.day_from_end ? '~' : '-') + list_text(f.day) + ' ' + list_text(f.hour) + ':' +
         list_text(f.minute) + ':' + second_text(f.second) + zone;
}

}  // namespace airlane
