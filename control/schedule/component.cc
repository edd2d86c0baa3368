#include "control/schedule/component.h"

#include <algorithm>

namespace airlane {
namespace {

std::optional<std::int64_t> first_from(const Steps& steps, std::int64_t value) {
  if (steps.start >= value) return steps.start;
  if (steps.repeat == 0) return std::nullopt;
  const auto times = (value - steps.start + steps.repeat - 1) / steps.repeat;
  const auto found = steps.start + times * steps.repeat;
  if (steps.stop && found > *steps.stop) return std::nullopt;
  return found;
}

}  // namespace

std::optional<std::int64_t> Component::first_from(std::int64_t value) const {
  if (is_any()) return value;
  std::optional<std::int64_t> first;
  for (const auto& steps : list_) {
    const auto found = airlane::first_from(steps, value);
    if (found) first = std::min(first.value_or(*found), *found);
  }
  return first;
}

Component Component::mirrored(std::int64_t days) const {
  std::vector<Steps> list;
  for (const auto& steps : list_) {
    Steps turned = steps;
    turned.start = days + 1 - steps.stop.value_or(steps.start);
    if (steps.stop) turned.stop = days + 1 - steps.start;
    list.push_back(turned);
  }
  return Component(std::move(list));
}

}  // namespace airlane
