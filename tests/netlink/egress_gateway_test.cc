// Which gateway a dongle's packets are given to.
#include <cerrno>

#include "netlink/egress_table.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

class EgressGateway : public NetworkTest {};

TEST_F(EgressGateway, TakesTheGatewayThatItIsTold) {
  plug_in("dg0");
  ip("route add default via 192.168.8.2 dev dg0 onlink");

  EXPECT_EQ(installed(plan(1, "dg0", "192.168.8.3")).gateway, Address::parse("192.168.8.3"));
}

TEST_F(EgressGateway, TakesTheGatewayThatTheDhcpClientLeftInMain) {
  plug_in("dg0");
  plug_in("dg1");
  ip("route add default via 192.168.8.7 dev dg1 onlink metric 100");
  ip("route add default via 192.168.8.3 dev dg0 onlink metric 300");
  ip("route add default via 192.168.8.2 dev dg0 onlink metric 200");

  EXPECT_EQ(installed(plan(1, "dg0")).gateway, Address::parse("192.168.8.2"));
}

TEST_F(EgressGateway, TakesTheFirstHostOfItsNetworkForWantOfBetter) {
  plug_in("dg0", "192.168.8.100/22");
  plug_in("dg1", "10.0.0.1/24");

  EXPECT_EQ(installed(plan(1, "dg0")).gateway, Address::parse("192.168.8.1"));
  EXPECT_EQ(installed(plan(2, "dg1")).gateway, Address::parse("10.0.0.2")) << "not itself";
}

TEST_F(EgressGateway, SaysThatAGatewayIsOutOfReach) {
  plug_in("dg0");

  const auto state = installed(plan(1, "dg0", "192.168.1.1"));

  EXPECT_FALSE(state.up);
  EXPECT_EQ(state.why_not,
            "The interface dg0 has no address in the network of the gateway 192.168.1.1.");
  EXPECT_EQ(connect_by("dg0", "198.19.0.1"), ENETUNREACH);
}

TEST_F(EgressGateway, CarriesIpv6WhereTheDongleHasIt) {
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  ip("-6 route add default via fe80::1 dev dg0");

  const auto state = installed(plan(1, "dg0"));

  EXPECT_TRUE(state.has_v6) << table(20001, "-6");
  EXPECT_EQ(state.gateway_v6, Address::parse("fe80::1"));
  const auto answer = ask("route get 2001:db8:1::1 oif dg0");
  EXPECT_TRUE(contains(answer, "via fe80::1 dev dg0 table 20001")) << answer;
  EXPECT_TRUE(contains(table(20001, "-6"), "2001:db8::/64 dev dg0")) << table(20001, "-6");
}

}  // namespace
}  // namespace airlane::test
