#include "sim/pattern.h"

#include <algorithm>
#include <string>

namespace airlane::sim {
namespace {

// Two periods: from any place in the first there is a whole period to the right.
std::string two_periods() {
  std::string block(2 * kPatternPeriod, '\0');
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<char>(pattern_byte(i));
  return block;
}

}  // namespace

std::string_view pattern(std::uint64_t offset, std::uint64_t most) {
  static const std::string block = two_periods();
  const auto rest = std::string_view(block).substr(offset % kPatternPeriod);
  return rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(most, rest.size())));
}

}  // namespace airlane::sim
