#include "proxy/destination.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

Address at(const char* ip, std::uint16_t port = 80) { return *Address::parse(ip, port); }

bool reaches(const Address& address, const Destinations& everybody, const Limits& proxy = {}) {
  return may_reach(address, everybody, proxy);
}

TEST(Destination, TheInternetIsReachable) {
  for (const auto* ip : {"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1",
                         "223.255.255.255", "2606:4700::1111", "2a00::1"}) {
    EXPECT_TRUE(reaches(at(ip), {})) << ip;
  }
}

TEST(Destination, NothingInsideIs) {
  for (const auto* ip : {"0.0.0.0",
                         "0.1.2.3",
                         "127.0.0.1",
                         "127.255.255.255",
                         "10.0.0.1",
                         "172.16.0.1",
                         "172.31.255.255",
                         "192.168.8.1",
                         "169.254.169.254",
                         "100.64.0.1",
                         "192.0.0.8",
                         "198.18.0.1",
                         "198.19.255.255",
                         "224.0.0.1",
                         "240.0.0.1",
                         "255.255.255.255",
                         "::",
                         "::1",
                         "fe80::1",
                         "fc00::1",
                         "fd12::1",
                         "ff02::1",
                         "::ffff:10.0.0.1",
                         "::ffff:127.0.0.1",
                         "::10.0.0.1",
                         "64:ff9b::a00:1",
                         "2002:a00:1::1",
                         "2001:0:1::1",
                         "2001:db8::1",
                         "4000::1",
                         "::ffff:0:192.168.8.1",
                         "fec0::1"}) {
    EXPECT_FALSE(reaches(at(ip), {})) << ip;
  }
}

TEST(Destination, TheConfigurationMayAllowWhatIsInside) {
  const Destinations rules{{Cidr::of("10.1.0.0/16")}, {}, {}};
  EXPECT_TRUE(reaches(at("10.1.2.3"), rules));
  EXPECT_TRUE(reaches(at("::ffff:10.1.2.3"), rules));
  EXPECT_FALSE(reaches(at("10.2.2.3"), rules));
}

TEST(Destination, ThisHostsAddressesAreInsideEvenIfPublic) {
  Destinations rules{{}, {at("203.0.114.5"), at("2a00::5")}, {}};
  EXPECT_FALSE(reaches(at("203.0.114.5"), rules));
  EXPECT_FALSE(reaches(at("2a00::5"), rules));
  EXPECT_TRUE(reaches(at("203.0.114.6"), rules));
  rules.allow = {Cidr::of("203.0.114.5/32")};
  EXPECT_TRUE(reaches(at("203.0.114.5"), rules));
}

TEST(Destination, NobodyMayAllowTheGatewayOrThisHostByAnotherName) {
  const Destinations rules{
      {Cidr::of("0.0.0.0/0"), Cidr::of("::/0")}, {}, {at("192.168.8.1"), at("192.168.8.100")}};
  EXPECT_TRUE(reaches(at("192.168.8.2"), rules));
  EXPECT_FALSE(reaches(at("192.168.8.1"), rules)) << "the dongle's admin page";
  EXPECT_FALSE(reaches(at("192.168.8.100"), rules)) << "the dongle's own address is this host";
  EXPECT_FALSE(reaches(at("0.0.0.0"), rules));
  EXPECT_FALSE(reaches(at("::"), rules));
}

TEST(Destination, OneProxyMayBeLetInsideAndTheOthersNot) {
  Limits opened;
  opened.inside = {Cidr::of("10.1.0.0/16"), Cidr::of("192.168.8.0/24")};
  const Destinations everybody{{}, {}, {at("192.168.8.1")}};
  EXPECT_TRUE(reaches(at("10.1.2.3"), everybody, opened));
  EXPECT_FALSE(reaches(at("10.1.2.3"), everybody));
  EXPECT_FALSE(reaches(at("192.168.8.1"), everybody, opened)) << "no customer gets to the modem";
}

TEST(Destination, MailIsNotSentUnlessARuleOfTheProxySaysSo) {
  const Destinations everybody{.denied_ports = {{25, 25}, {6660, 6669}}};
  EXPECT_FALSE(reaches(at("1.1.1.1", 25), everybody));
  EXPECT_FALSE(reaches(at("2a00::1", 25), everybody));
  EXPECT_FALSE(reaches(at("1.1.1.1", 6665), everybody));
  EXPECT_TRUE(reaches(at("1.1.1.1", 24), everybody));
  EXPECT_TRUE(reaches(at("1.1.1.1", 587), everybody));
  Limits mailer;
  mailer.destinations = {{true, Cidr::of("1.1.1.0/24"), {25, 25}}};
  EXPECT_TRUE(reaches(at("1.1.1.1", 25), everybody, mailer));
  EXPECT_FALSE(reaches(at("1.1.2.1", 25), everybody, mailer));
}

TEST(Destination, OurOwnPortsAreNotReachedOnThisHostWhateverIsAllowed) {
  const Destinations everybody{.allow = {Cidr::of("0.0.0.0/0"), Cidr::of("::/0")},
                               .own = {at("203.0.114.5")},
                               .own_ports = {8080, 20001}};
  for (const auto* ip : {"127.0.0.1", "127.9.9.9", "::1", "203.0.114.5", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(reaches(at(ip, 20001), everybody)) << ip;
    EXPECT_FALSE(reaches(at(ip, 8080), everybody)) << ip;
    EXPECT_TRUE(reaches(at(ip, 80), everybody)) << ip;
  }
  EXPECT_TRUE(reaches(at("1.1.1.1", 8080), everybody)) << "somebody else's port of that number";
}

TEST(Destination, TheFirstRuleThatFitsDecides) {
  Limits web;
  web.destinations = {{false, Cidr::of("1.2.3.0/24"), {}},
                      {true, std::nullopt, {443, 443}},
                      {false, std::nullopt, {}}};
  EXPECT_TRUE(reaches(at("1.1.1.1", 443), {}, web));
  EXPECT_TRUE(reaches(at("2a00::1", 443), {}, web));
  EXPECT_FALSE(reaches(at("1.1.1.1", 80), {}, web));
  EXPECT_FALSE(reaches(at("2a00::1", 80), {}, web));
  EXPECT_FALSE(reaches(at("1.2.3.4", 443), {}, web));
  EXPECT_FALSE(reaches(at("10.0.0.1", 443), {}, web)) << "no rule opens what lies inside";
}

TEST(Destination, ANameBelongsToItselfAndToWhatItEndsIn) {
  for (const auto* host : {"example.com", "EXAMPLE.Com", "example.com.", "a.example.com",
                           "a.b.example.com", "A.Example.COM."}) {
    EXPECT_TRUE(is_below(host, "example.com")) << host;
  }
  for (const auto* host : {"badexample.com", "example.com.evil", "com", "example", ".com", "",
                           "xexample.com", "example.com..", "1.2.3.4"}) {
    EXPECT_FALSE(is_below(host, "example.com")) << host;
  }
  EXPECT_TRUE(is_below("xn--bcher-kva.example", "xn--bcher-kva.example"));
}

TEST(Destination, RulesByNameLookAtWhatWasAskedFor) {
  Limits rules;
  rules.destinations = {{.allow = false, .ports = {}, .suffix = "example.com"},
                        {.allow = true, .ports = {443, 443}, .suffix = "test"}};
  EXPECT_EQ(reach(at("1.1.1.1"), {}, rules, "www.Example.com"), Reach::kRuledOut);
  EXPECT_EQ(reach(at("1.1.1.1"), {}, rules, "example.net"), Reach::kAllowed);
  EXPECT_EQ(reach(at("1.1.1.1"), {}, rules), Reach::kAllowed) << "an address has no name";
  EXPECT_EQ(reach(at("10.0.0.1", 443), {}, rules, "a.test"), Reach::kInside)
      << "no rule opens what lies inside";
  rules.destinations.push_back({.allow = false, .ports = {}});
  EXPECT_EQ(reach(at("1.1.1.1", 443), {}, rules, "a.test"), Reach::kAllowed);
  EXPECT_EQ(reach(at("1.1.1.1", 443), {}, rules), Reach::kRuledOut);
  EXPECT_EQ(reach(at("1.1.1.1", 80), {}, rules, "a.test"), Reach::kRuledOut);
}

TEST(Destination, WhatIsDeniedWhateverItsAddressIsNotAskedFor) {
  Limits rules;
  rules.destinations = {{.allow = false, .ports = {}, .suffix = "one.test"},
                        {.allow = false, .network = Cidr::of("192.0.2.0/24"), .ports = {80, 80}},
                        {.allow = true, .ports = {443, 443}},
                        {.allow = false, .ports = {}}};
  EXPECT_FALSE(may_ask("a.one.test", 443, rules));
  EXPECT_TRUE(may_ask("two.test", 443, rules));
  EXPECT_TRUE(may_ask("two.test", 80, rules)) << "its address may lie in the network";
  EXPECT_FALSE(may_ask("two.test", 81, rules));
  EXPECT_TRUE(may_ask("two.test", 81, {}));
}

}  // namespace
}  // namespace airlane::test
