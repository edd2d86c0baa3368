#include "proxy/admission.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

const auto kNow = from_unix(1'700'000'000);
const auto kListed = *Address::parse("198.51.100.7");
const auto kStranger = *Address::parse("203.0.113.9");

ProxyPort proxy(WhitelistMode mode, bool with_list = true) {
  ProxyPort made;
  made.username = "user";
  made.password = "word";
  made.whitelist_mode = mode;
  if (with_list) made.whitelist = {Cidr::of("198.51.100.0/24")};
  return made;
}

// What the source gets: "open", "password" or "denied".
std::string_view outcome(const ProxyPort& proxy, const Address& source, WallSeconds now = kNow) {
  const auto admission = admit_source(proxy, source, now);
  if (!admission) return admission.error().code == Errc::kDenied ? "denied" : "?";
  return *admission == Admission::kOpen ? "open" : "password";
}

TEST(Admission, BypassSparesAListedSourceThePassword) {
  EXPECT_EQ(outcome(proxy(WhitelistMode::kBypass), kListed), "open");
  EXPECT_EQ(outcome(proxy(WhitelistMode::kBypass), kStranger), "password");
}

TEST(Admission, RestrictAsksForBoth) {
  EXPECT_EQ(outcome(proxy(WhitelistMode::kRestrict), kListed), "password");
  EXPECT_EQ(outcome(proxy(WhitelistMode::kRestrict), kStranger), "denied");
}

TEST(Admission, OnlyAsksForTheListAlone) {
  EXPECT_EQ(outcome(proxy(WhitelistMode::kOnly), kListed), "open");
  EXPECT_EQ(outcome(proxy(WhitelistMode::kOnly), kStranger), "denied");
}

TEST(Admission, AnEmptyListNeverOpensAProxy) {
  for (const auto mode : {WhitelistMode::kBypass, WhitelistMode::kRestrict, WhitelistMode::kOnly}) {
    EXPECT_EQ(outcome(proxy(mode, false), kListed), "password");
    EXPECT_EQ(outcome(proxy(mode, false), kStranger), "password");
  }
}

TEST(Admission, TheRentalWindowOutranksTheList) {
  auto rented = proxy(WhitelistMode::kBypass);
  rented.in_use_from = kNow;
  rented.in_use_till = kNow + std::chrono::seconds(10);
  EXPECT_EQ(outcome(rented, kListed, kNow - std::chrono::seconds(1)), "denied");
  EXPECT_EQ(outcome(rented, kListed, kNow), "open");
  EXPECT_EQ(outcome(rented, kListed, kNow + std::chrono::seconds(9)), "open");
  EXPECT_EQ(outcome(rented, kListed, kNow + std::chrono::seconds(10)), "denied");
}

TEST(Admission, MatchesWholeCredentialsOnly) {
  const auto rented = proxy(WhitelistMode::kBypass);
  EXPECT_TRUE(credentials_match(rented, "user", "word"));
  EXPECT_FALSE(credentials_match(rented, "user", "wor"));
  EXPECT_FALSE(credentials_match(rented, "usex", "word"));
  EXPECT_FALSE(credentials_match(rented, "", ""));
}

TEST(Admission, AProxyWithoutCredentialsMatchesNobody) {
  EXPECT_FALSE(credentials_match(ProxyPort{}, "", ""));
}

}  // namespace
}  // namespace airlane::test
