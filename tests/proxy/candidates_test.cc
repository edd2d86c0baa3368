// The order in which addresses are tried.
#include "proxy/candidates.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

std::string order(std::vector<std::string> ips, std::size_t from, bool v6_first) {
  std::vector<Address> addresses;
  for (const auto& ip : ips) addresses.push_back(*Address::parse(ip));
  interleave(addresses, from, v6_first);
  std::string text;
  for (const auto& address : addresses) text += (text.empty() ? "" : " ") + address.ip();
  return text;
}

TEST(Candidates, TakeTurnsByFamilyAndKeepTheirOrder) {
  EXPECT_EQ(order({}, 0, true), "");
  EXPECT_EQ(order({"1.1.1.1"}, 0, true), "1.1.1.1");
  EXPECT_EQ(order({"1.1.1.1", "a::1"}, 0, true), "a::1 1.1.1.1");
  EXPECT_EQ(order({"1.1.1.1", "1.1.1.2", "1.1.1.3", "a::1", "a::2"}, 0, true),
            "a::1 1.1.1.1 a::2 1.1.1.2 1.1.1.3");
  EXPECT_EQ(order({"a::1", "a::2", "a::3", "1.1.1.1"}, 0, true), "a::1 1.1.1.1 a::2 a::3");
  EXPECT_EQ(order({"a::1", "a::2", "1.1.1.1"}, 0, false), "1.1.1.1 a::1 a::2");
}

TEST(Candidates, LeaveWhatWasTriedInItsPlace) {
  EXPECT_EQ(order({"a::1", "a::2", "a::3", "1.1.1.1"}, 1, false), "a::1 1.1.1.1 a::2 a::3");
  EXPECT_EQ(order({"a::1", "a::2", "1.1.1.1"}, 3, true), "a::1 a::2 1.1.1.1");
}

TEST(Candidates, TellTheErrorThatCameNearest) {
  const Error refused{Errc::kRefused, "connect"};
  const Error timed_out{Errc::kTimedOut, "connect"};
  const Error no_egress{Errc::kNoEgress, "connect"};
  const Error unresolved{Errc::kUnresolved, "resolve"};
  EXPECT_EQ(more_useful(no_egress, refused).code, Errc::kRefused);
  EXPECT_EQ(more_useful(refused, timed_out).code, Errc::kRefused);
  EXPECT_EQ(more_useful(unresolved, timed_out).code, Errc::kTimedOut);
  EXPECT_EQ(more_useful(no_egress, unresolved).code, Errc::kUnresolved);
}

}  // namespace
}  // namespace airlane::test
