#include "sim/pattern.h"

#include <gtest/gtest.h>

namespace airlane::sim::test {
namespace {

TEST(Pattern, IsWhatItsFormulaSays) {
  static_assert(pattern_byte(0) == 0);
  static_assert(pattern_byte(1) == 158);  // 2654435761 >> 24
  static_assert(pattern_byte(kPatternPeriod) == pattern_byte(0));
  for (const std::uint64_t from : {0ULL, 1048572ULL, 5000000000ULL}) {
    const auto view = pattern(from, 4096);
    ASSERT_EQ(view.size(), 4096U);
    for (std::size_t i = 0; i < view.size(); ++i) {
      ASSERT_EQ(static_cast<std::uint8_t>(view[i]), pattern_byte(from + i)) << from + i;
    }
  }
}

TEST(Pattern, GivesAWholePeriodFromAnyPlace) {
  EXPECT_GE(pattern(kPatternPeriod - 1, 1ULL << 30).size(), kPatternPeriod);
  EXPECT_EQ(pattern(7, 3).size(), 3U);
}

}  // namespace
}  // namespace airlane::sim::test
