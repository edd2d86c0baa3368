#include "proxy/destination.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

Address at(const char* ip) { return *Address::parse(ip, 80); }

TEST(Destination, TheInternetIsReachable) {
  for (const auto* ip : {"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1",
                         "223.255.255.255", "2606:4700::1111", "2a00::1"}) {
    EXPECT_TRUE(may_reach(at(ip), {})) << ip;
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
    EXPECT_FALSE(may_reach(at(ip), {})) << ip;
  }
}

TEST(Destination, TheConfigurationMayAllowWhatIsInside) {
  const Destinations rules{{Cidr::of("10.1.0.0/16")}, {}, {}};
  EXPECT_TRUE(may_reach(at("10.1.2.3"), rules));
  EXPECT_TRUE(may_reach(at("::ffff:10.1.2.3"), rules));
  EXPECT_FALSE(may_reach(at("10.2.2.3"), rules));
}

TEST(Destination, ThisHostsAddressesAreInsideEvenIfPublic) {
  Destinations rules{{}, {at("203.0.114.5"), at("2a00::5")}, {}};
  EXPECT_FALSE(may_reach(at("203.0.114.5"), rules));
  EXPECT_FALSE(may_reach(at("2a00::5"), rules));
  EXPECT_TRUE(may_reach(at("203.0.114.6"), rules));
  rules.allow = {Cidr::of("203.0.114.5/32")};
  EXPECT_TRUE(may_reach(at("203.0.114.5"), rules));
}

TEST(Destination, NobodyMayAllowTheGatewayOrThisHostByAnotherName) {
  const Destinations rules{
      {Cidr::of("0.0.0.0/0"), Cidr::of("::/0")}, {}, {at("192.168.8.1"), at("192.168.8.100")}};
  EXPECT_TRUE(may_reach(at("192.168.8.2"), rules));
  EXPECT_FALSE(may_reach(at("192.168.8.1"), rules)) << "the dongle's admin page";
  EXPECT_FALSE(may_reach(at("192.168.8.100"), rules)) << "the dongle's own address is this host";
  EXPECT_FALSE(may_reach(at("0.0.0.0"), rules));
  EXPECT_FALSE(may_reach(at("::"), rules));
}

}  // namespace
}  // namespace airlane::test
