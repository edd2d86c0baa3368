// What should be in a table, as a function of what the kernel says. No kernel needed.
#include "netlink/egress_plan.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

InterfaceAddress address(const char* ip, unsigned prefix, bool global = true) {
  return {7, *Address::parse(ip), prefix, global};
}

EgressFacts facts(std::vector<InterfaceAddress> addresses) {
  EgressFacts facts;
  facts.link = Link{7, "dg0", true, true, false, ""};
  facts.addresses = std::move(addresses);
  return facts;
}

const EgressPlan kPlan{"dg0", 20001, 10001, {}};

std::vector<Route> defaults(const WantedRoutes& wanted, int family) {
  std::vector<Route> found;
  for (const auto& route : wanted.routes) {
    if (route.is_default() && route.family == family) found.push_back(route);
  }
  return found;
}

TEST(EgressPlan, NeedsNoGatewayOnAPointToPointLink) {
  auto given = facts({address("10.64.64.2", 32)});
  given.link->point_to_point = true;

  const auto wanted = plan_routes(kPlan, given);

  ASSERT_EQ(wanted.routes.size(), 2U);
  EXPECT_TRUE(wanted.routes[0].is_default());
  EXPECT_FALSE(wanted.routes[0].gateway);
  EXPECT_EQ(wanted.routes[0].scope, RT_SCOPE_LINK);
  EXPECT_TRUE(wanted.state.up);
  EXPECT_FALSE(wanted.state.gateway);
}

TEST(EgressPlan, HasANetworkOnceHoweverManyAddressesLieInIt) {
  const auto wanted =
      plan_routes(kPlan, facts({address("192.168.8.100", 24), address("192.168.8.101", 24)}));

  ASSERT_EQ(wanted.routes.size(), 3U);
  EXPECT_EQ(wanted.routes[0].source, Address::parse("192.168.8.100"));
  EXPECT_EQ(wanted.state.addresses.size(), 2U);
}

TEST(EgressPlan, LeavesByTheAddressBesideTheGateway) {
  auto plan = kPlan;
  plan.gateway = Address::parse("192.168.9.1", 80);

  const auto wanted =
      plan_routes(plan, facts({address("192.168.8.100", 24), address("192.168.9.100", 24)}));

  ASSERT_EQ(defaults(wanted, AF_INET).size(), 1U);
  EXPECT_EQ(defaults(wanted, AF_INET)[0].source, Address::parse("192.168.9.100"));
  EXPECT_EQ(wanted.state.gateway, Address::parse("192.168.9.1")) << "a port has no meaning here";
}

TEST(EgressPlan, GuessesNoRouterFromALinkLocalAddress) {
  const auto wanted = plan_routes(kPlan, facts({address("169.254.7.7", 16, false)}));

  EXPECT_TRUE(defaults(wanted, AF_INET).empty());
  EXPECT_FALSE(wanted.state.up);
}

TEST(EgressPlan, GuessesTheOtherEndOfANetworkOfTwo) {
  const auto wanted = plan_routes(kPlan, facts({address("10.0.0.0", 31)}));

  EXPECT_EQ(wanted.state.gateway, Address::parse("10.0.0.1"));
}

TEST(EgressPlan, HasNoGatewayForAnAddressAlone) {
  const auto wanted = plan_routes(kPlan, facts({address("10.0.0.5", 32)}));

  EXPECT_EQ(wanted.routes.size(), 1U) << "the one that refuses";
  EXPECT_EQ(wanted.state.why_not, "The interface dg0 has no gateway.");
}

TEST(EgressPlan, IsUpWithIpv6Alone) {
  auto given = facts({address("2001:db8::5", 64), address("fe80::5", 64, false)});
  given.main_default_v6 = Route();
  given.main_default_v6->gateway = Address::parse("fe80::1");

  const auto wanted = plan_routes(kPlan, given);

  EXPECT_TRUE(wanted.state.up);
  EXPECT_TRUE(wanted.state.has_v6);
  EXPECT_TRUE(wanted.state.why_not.empty());
  ASSERT_EQ(wanted.routes.size(), 3U) << "the link-local network is not routed";
  EXPECT_FALSE(wanted.routes[1].source) << "the kernel chooses";
}

TEST(EgressPlan, HasNoIpv6WithoutItsGateway) {
  const auto wanted =
      plan_routes(kPlan, facts({address("192.168.8.100", 24), address("fd00::5", 64)}));

  EXPECT_TRUE(wanted.state.up);
  EXPECT_FALSE(wanted.state.has_v6);
}

TEST(EgressPlan, GivesAGatewayToItsOwnFamilyOnly) {
  auto plan = kPlan;
  plan.gateway = Address::parse("2001:db8::1");

  const auto wanted =
      plan_routes(plan, facts({address("192.168.8.100", 24), address("2001:db8::5", 64)}));

  EXPECT_EQ(wanted.state.gateway, Address::parse("192.168.8.1"));
  EXPECT_EQ(wanted.state.gateway_v6, Address::parse("2001:db8::1"));
}

}  // namespace
}  // namespace airlane::test
