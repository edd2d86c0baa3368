#include "control/checks.h"

#include <gtest/gtest.h>

#include <functional>

namespace airlane::test {
namespace {

ProxyRecord good_proxy() {
  ProxyRecord proxy;
  proxy.port = 20001;
  proxy.username = "alice";
  proxy.password = "s:cret";
  return proxy;
}

DongleRecord good_dongle() {
  DongleRecord dongle;
  dongle.name = "ten";
  dongle.interface = "wwan0";
  dongle.driver = "none";
  return dongle;
}

std::string complaint(const std::function<void(ProxyRecord&)>& spoil) {
  auto proxy = good_proxy();
  spoil(proxy);
  const auto checked = check(proxy);
  return checked ? "" : checked.error().text;
}

std::string complaint(const std::function<void(DongleRecord&)>& spoil) {
  auto dongle = good_dongle();
  spoil(dongle);
  const auto checked = check(dongle);
  return checked ? "" : checked.error().text;
}

using Proxy = ProxyRecord;
using Dongle = DongleRecord;

TEST(Checks, AcceptWhatIsGood) {
  EXPECT_TRUE(check(good_proxy()));
  EXPECT_TRUE(check(good_dongle()));
}

TEST(Checks, AProxyNeedsAPort) {
  EXPECT_EQ(complaint([](Proxy& p) { p.port = 0; }), "The port must be between 1 and 65535.");
}

TEST(Checks, CredentialsFitBothProtocols) {
  EXPECT_EQ(complaint([](Proxy& p) { p.username = ""; }), "There must be a username.");
  EXPECT_EQ(complaint([](Proxy& p) { p.password = ""; }), "There must be a password.");
  EXPECT_EQ(complaint([](Proxy& p) { p.username = "a:b"; }),
            "The username has a ':' in it, which HTTP cannot carry.");
  EXPECT_EQ(complaint([](Proxy& p) { p.password = std::string(256, 'x'); }),
            "The password is longer than 255 bytes, which SOCKS5 cannot carry.");
  EXPECT_EQ(complaint([](Proxy& p) { p.username = "a\nb"; }),
            "The username has a control character in it.");
  EXPECT_EQ(complaint([](Proxy& p) { p.password = std::string("secret\0", 7); }),
            "The password has a control character in it.");
  CredentialRecord credential{.name = "bob", .password = std::string("secret\0", 7)};
  const auto checked = check(credential);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().text, "The password has a control character in it.");
  EXPECT_EQ(complaint([](Proxy& p) { p.password = std::string(255, 'x'); }), "");
}

TEST(Checks, ARentalBeginsBeforeItEnds) {
  EXPECT_EQ(complaint([](Proxy& p) {
              p.in_use_from = from_unix(200);
              p.in_use_till = from_unix(100);
            }),
            "The rental must begin before it ends.");
}

TEST(Checks, TheWhitelistModeIsOneOfThree) {
  EXPECT_EQ(complaint([](Proxy& p) { p.whitelist_mode = "deny"; }),
            "The whitelist mode must be bypass, restrict or only.");
}

TEST(Checks, NotMoreThanAThousandDestinationsAreToldApart) {
  EXPECT_EQ(complaint([](Proxy& p) { p.targets_kept = 1000; }), "");
  EXPECT_EQ(complaint([](Proxy& p) { p.targets_kept = 1001; }),
            "At most 1000 destinations of a proxy are told apart.");
}

TEST(Checks, AnInterfaceHasANameThatTheKernelWouldAccept) {
  for (const auto* name : {"", "sixteen-letters!", "a/b", "a b", "..", "a:1"}) {
    EXPECT_NE(complaint([&](Dongle& d) { d.interface = name; }), "") << name;
  }
  EXPECT_EQ(complaint([](Dongle& d) { d.interface = "lo"; }),
            "The loopback interface cannot be a dongle.");
  EXPECT_EQ(complaint([](Dongle& d) { d.interface = "enx0c5b8f279a64"; }), "");
}

TEST(Checks, ADriverIsKnownAndLikesItsOptions) {
  EXPECT_NE(complaint([](Dongle& d) { d.driver = "abacus"; }), "");
  EXPECT_NE(complaint([](Dongle& d) { d.options["colour"] = "red"; }), "");
}

TEST(Checks, NamesArePartsOfPathsAndLogs) {
  EXPECT_TRUE(check_name("user", "alice@example.com"));
  for (const auto* name : {"", "a/b", "a b", "..", "caf\xc3\xa9"}) {
    EXPECT_FALSE(check_name("user", name)) << name;
  }
  EXPECT_FALSE(check_name("user", std::string(65, 'a')));
}

}  // namespace
}  // namespace airlane::test
