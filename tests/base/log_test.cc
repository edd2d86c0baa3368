#include "base/log.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

TEST(Log, KeepsUntrustedTextOnOneLine) {
  EXPECT_EQ(log::printable("a\r\nb\x1b[31m\\"), R"(a\x0d\x0ab\x1b[31m\x5c)");
  EXPECT_EQ(log::printable("caf\xc3\xa9"), R"(caf\xc3\xa9)");
  EXPECT_EQ(log::printable(std::string(1000, 'x')).size(), 203u);
}

}  // namespace
}  // namespace airlane::test
