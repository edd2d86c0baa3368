#include "base/port_range.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

TEST(PortRange, IsOnePortOrSeveral) {
  EXPECT_EQ(PortRange::parse("25"), (PortRange{25, 25}));
  EXPECT_EQ(PortRange::parse("6660-6669"), (PortRange{6660, 6669}));
  EXPECT_EQ(PortRange::parse("1-65535"), (PortRange{1, 65535}));
  EXPECT_EQ(PortRange::parse("25")->to_string(), "25");
  EXPECT_EQ(PortRange::parse("6660-6669")->to_string(), "6660-6669");
}

TEST(PortRange, ContainsBothOfItsEnds) {
  const auto range = *PortRange::parse("10-12");
  EXPECT_FALSE(range.contains(9));
  EXPECT_TRUE(range.contains(10));
  EXPECT_TRUE(range.contains(12));
  EXPECT_FALSE(range.contains(13));
}

TEST(PortRange, IsNothingElse) {
  for (const auto* text : {"", "-", "0", "0-5", "65536", "5-4", "5-", "-5", "5 ", " 5", "+5",
                           "5-6-7", "0x19", "smtp"}) {
    EXPECT_FALSE(PortRange::parse(text)) << text;
  }
}

}  // namespace
}  // namespace airlane::test
