// Fail closed: whatever is missing, a socket that is bound to a dongle never leaves elsewhere.
#include <cerrno>

#include "netlink/egress_table.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

constexpr auto kUnreachable = "unreachable default";

class EgressClosed : public NetworkTest {};

TEST_F(EgressClosed, StaysClosedWhenTheDongleIsUnplugged) {
  give_the_host_a_way_out();
  plug_in("dg0");
  plug_in("dg1");
  installed(plan(1, "dg0"));
  unplug("dg0");

  EXPECT_NE(run("ip route get 198.19.0.1 oif dg0").status, 0);
  const auto state = installed(plan(1, "dg0"));

  EXPECT_FALSE(state.present || state.up);
  EXPECT_EQ(state.why_not, "There is no interface dg0.");
  EXPECT_TRUE(contains(rules(), "oif dg0 [detached] lookup 20001")) << rules();
  EXPECT_TRUE(contains(rules("-6"), "oif dg0 [detached] lookup 20001")) << rules("-6");
  EXPECT_EQ(table(20001), "unreachable default proto 65 metric 4278198272 \n");
  EXPECT_NE(run("ip route get 198.19.0.1 oif dg0").status, 0);
  EXPECT_EQ(connect_by("dg0", "198.19.0.1"), ENODEV);
}

TEST_F(EgressClosed, IsClosedBeforeTheDongleIsEverPluggedIn) {
  give_the_host_a_way_out();
  ip("addr add 2001:db8:ffff::2/64 dev wan nodad");
  ip("-6 route add default via 2001:db8:ffff::1 dev wan");
  installed(plan(1, "dg0"));

  plug_in("dg0", "");

  // Before the event has reached us, IPv4 is asked for on the dongle's own wire, in vain.
  EXPECT_TRUE(contains(ask("route get 198.19.0.1 oif dg0"), "198.19.0.1 dev dg0"));
  EXPECT_EQ(connect_by("dg0", "2001:db8:1::1"), ENETUNREACH);
  installed(plan(1, "dg0"));
  EXPECT_EQ(connect_by("dg0", "198.19.0.1"), ENETUNREACH);
  EXPECT_EQ(connect_by("dg0", "2001:db8:1::1"), ENETUNREACH);
}

TEST_F(EgressClosed, NeverFallsThroughToMainWhereTheKernelIsNotStrict) {
  give_the_host_a_way_out();
  ip("addr add 2001:db8:ffff::2/64 dev wan nodad");
  ip("-6 route add default via 2001:db8:ffff::1 dev wan");
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  const std::string lookup = "route get 2001:db8:1::1 from 2001:db8::100 oif dg0";
  ASSERT_TRUE(contains(ask(lookup), "dev wan")) << "an interface is a wish, not an order, in IPv6";

  installed(plan(1, "dg0"));

  EXPECT_TRUE(contains(ask(lookup), "No route to host")) << ask(lookup);
}

TEST_F(EgressClosed, ClosesWhenTheLastAddressGoes) {
  plug_in("dg0");
  installed(plan(1, "dg0"));
  ip("addr del 192.168.8.100/24 dev dg0");

  const auto state = installed(plan(1, "dg0"));

  EXPECT_TRUE(state.present);
  EXPECT_FALSE(state.up);
  EXPECT_EQ(state.why_not, "The interface dg0 has no address.");
  EXPECT_EQ(connect_by("dg0", "198.19.0.1"), ENETUNREACH);
}

TEST_F(EgressClosed, IsNotUpWithoutLinkOrCarrier) {
  plug_in("dg0");
  ip("link set mdg0 down");
  await_state("dg0", "LOWERLAYERDOWN");
  EXPECT_EQ(installed(plan(1, "dg0")).why_not, "The interface dg0 has no carrier.");

  ip("link set dg0 down");
  const auto down = installed(plan(1, "dg0"));

  EXPECT_TRUE(down.present);
  EXPECT_FALSE(down.up);
  EXPECT_EQ(down.why_not, "The interface dg0 is down.");
}

TEST_F(EgressClosed, ThrowsOutWhatOthersPutIntoItsTable) {
  give_the_host_a_way_out();
  plug_in("dg0");
  ip("route add default via 203.0.113.1 dev wan table 20001 metric 5");
  ip("route add 198.51.100.0/24 via 203.0.113.1 dev wan table 20001");

  installed(plan(1, "dg0"));

  EXPECT_FALSE(contains(table(20001), "wan")) << table(20001);
}

TEST_F(EgressClosed, FailsClosedForIpv6WithoutAGlobalAddress) {
  give_the_host_a_way_out();
  ip("addr add 2001:db8:ffff::2/64 dev wan nodad");
  ip("-6 route add default via 2001:db8:ffff::1 dev wan");
  plug_in("dg0");

  const auto state = installed(plan(1, "dg0"));

  EXPECT_FALSE(state.has_v6);
  EXPECT_TRUE(contains(rules("-6"), "from all oif dg0 lookup 20001")) << rules("-6");
  EXPECT_TRUE(contains(table(20001, "-6"), kUnreachable));
  EXPECT_EQ(connect_by("dg0", "2001:db8:1::1"), ENETUNREACH);
}

TEST_F(EgressClosed, FailsClosedWhereIpv6IsSwitchedOff) {
  std::ofstream("/proc/sys/net/ipv6/conf/all/disable_ipv6") << 1;
  plug_in("dg0");

  const auto state = installed(plan(1, "dg0"));

  EXPECT_TRUE(state.up) << state.why_not;
  EXPECT_TRUE(contains(table(20001, "-6"), kUnreachable)) << table(20001, "-6");
}

}  // namespace
}  // namespace airlane::test
