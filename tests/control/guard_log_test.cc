// What the operator reads of clients that guess passwords.
#include "control/guard_log.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

const GuardRules kRules{.failures = 10, .block = std::chrono::seconds(60)};

TEST(GuardLog, NamesTheClientTheProxyAndTheTime) {
  EXPECT_EQ(line_about({3, 20003, *Address::parse("198.51.100.7")}, kRules),
            "proxy 3 (port 20003): blocked 198.51.100.7 for 60 s after 10 wrong passwords");
  EXPECT_EQ(line_about({3, 20003, *Address::parse("2001:db8::7")}, kRules),
            "proxy 3 (port 20003): blocked 2001:db8::7 and all of its /64 for 60 s after 10 wrong "
            "passwords");
}

TEST(GuardLog, LooksOnceASecond) {
  Loop loop;
  int looks = 0;
  const GuardLog log(loop, kRules, [&] {
    if (++looks == 2) loop.stop();
    return BlockReports::News();
  });
  const auto start = Monotonic::now();
  loop.run_forever();
  EXPECT_EQ(looks, 2);
  EXPECT_GE(Monotonic::now() - start, std::chrono::milliseconds(1900));
}

}  // namespace
}  // namespace airlane::test
