// A dongle's table in a real kernel: what is in it, that it is put back, and that it goes again.
#include "netlink/egress_table.h"

#include <linux/rtnetlink.h>

#include "netlink/rp_filter.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

// What the kernel tells everybody about routes and rules, from now on.
class Notifications {
 public:
  Notifications() {
    nl_connect(socket_.get(), NETLINK_ROUTE);
    nl_socket_add_memberships(socket_.get(), RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
                              RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE, 0);
  }

  // The types of the messages so far. The kernel has queued them before it answers a request. Not
  // of the tables in which it makes routes itself, when a link-local address comes into use.
  std::vector<int> take() {
    std::vector<int> types;
    std::array<char, 16384> buffer{};
    for (;;) {
      const auto length =
          recv(nl_socket_get_fd(socket_.get()), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (length <= 0) return types;
      int left = static_cast<int>(length);
      auto* message = reinterpret_cast<nlmsghdr*>(buffer.data());
      for (; nlmsg_ok(message, left) != 0; message = nlmsg_next(message, &left)) {
        if (!is_the_kernels(*message)) types.push_back(message->nlmsg_type);
      }
    }
  }

 private:
  static bool is_the_kernels(nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWROUTE && message.nlmsg_type != RTM_DELROUTE) return false;
    const auto table = static_cast<const rtmsg*>(nlmsg_data(&message))->rtm_table;
    return table == RT_TABLE_LOCAL || table == RT_TABLE_MAIN;
  }

  Handle<nl_sock, nl_socket_free> socket_{nl_socket_alloc()};
};

class EgressTable : public NetworkTest {};

TEST_F(EgressTable, GivesTwinsATableEach) {
  plug_in("dg0");
  plug_in("dg1");

  const auto first = installed(plan(1, "dg0"));
  const auto second = installed(plan(2, "dg1"));

  EXPECT_TRUE(first.up) << first.why_not;
  EXPECT_TRUE(second.up) << second.why_not;
  EXPECT_NE(first.index, second.index);
  for (const std::string name : {"dg0", "dg1"}) {
    const auto answer = ask("route get 198.19.0.1 oif " + name);
    EXPECT_TRUE(contains(answer, "via 192.168.8.1 dev " + name)) << answer;
    EXPECT_TRUE(contains(answer, "src 192.168.8.100")) << answer;
    EXPECT_TRUE(contains(answer, name == "dg0" ? "table 20001" : "table 20002")) << answer;
  }
  EXPECT_EQ(connect_by("dg1", "198.19.0.1"), 0);
}

TEST_F(EgressTable, HoldsTheNetworkTheGatewayAndTheLastResort) {
  plug_in("dg0");

  const auto state = installed(plan(1, "dg0"));

  const auto routes = table(20001);
  EXPECT_TRUE(contains(routes, "192.168.8.0/24 dev dg0 proto 65 scope link src 192.168.8.100"));
  EXPECT_TRUE(contains(routes, "default via 192.168.8.1 dev dg0 proto 65 src 192.168.8.100"));
  EXPECT_TRUE(contains(routes, "broadcast default dev dg0 proto 65 scope link metric 4278198271"));
  EXPECT_TRUE(contains(routes, "unreachable default proto 65 metric 4278198272")) << routes;
  EXPECT_TRUE(contains(rules(), "10001:\tfrom all oif dg0 lookup 20001 proto 65")) << rules();
  EXPECT_TRUE(state.present && state.up);
  EXPECT_TRUE(state.why_not.empty()) << state.why_not;
  EXPECT_EQ(state.gateway, Address::parse("192.168.8.1"));
  ASSERT_FALSE(state.addresses.empty());
  EXPECT_EQ(state.addresses.front().ip(), "192.168.8.100");
}

TEST_F(EgressTable, LeavesTheMainTableAlone) {
  give_the_host_a_way_out();
  plug_in("dg0");
  const auto before = ask("route show table main") + ask("-6 route show table main");

  installed(plan(1, "dg0"));

  EXPECT_EQ(ask("route show table main") + ask("-6 route show table main"), before);
}

TEST_F(EgressTable, ChangesNothingTheSecondTime) {
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  ip("-6 route add default via fe80::1 dev dg0");
  const auto first = installed(plan(1, "dg0"));
  Notifications notifications;

  EXPECT_EQ(installed(plan(1, "dg0")), first);

  EXPECT_EQ(notifications.take(), std::vector<int>());
}

TEST_F(EgressTable, IsNeverWithoutADefaultRouteWhileTheGatewayChanges) {
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  ip("-6 route add default via fe80::1 dev dg0");
  installed(plan(1, "dg0"));
  ip("-6 route replace default via fe80::2 dev dg0");
  Notifications notifications;

  installed(plan(1, "dg0", "192.168.8.2"));

  EXPECT_EQ(notifications.take(), (std::vector<int>{RTM_NEWROUTE, RTM_NEWROUTE}));
  EXPECT_TRUE(contains(table(20001), "default via 192.168.8.2 dev dg0"));
  EXPECT_TRUE(contains(table(20001, "-6"), "default via fe80::2 dev dg0"));
}

TEST_F(EgressTable, PutsAllBackUnderANewIndex) {
  plug_in("dg0");
  const auto before = installed(plan(1, "dg0"));
  unplug("dg0");
  plug_in("dg1");
  plug_in("dg0");

  const auto after = installed(plan(1, "dg0"));

  EXPECT_TRUE(after.up) << after.why_not;
  EXPECT_NE(after.index, before.index);
  EXPECT_TRUE(contains(ask("route get 198.19.0.1 oif dg0"), "via 192.168.8.1 dev dg0 table 20001"));
  EXPECT_FALSE(contains(rules(), "detached")) << rules();
}

TEST_F(EgressTable, ForgetsTheNetworkOfAnOldAddress) {
  plug_in("dg0");
  installed(plan(1, "dg0"));
  ip("addr add 192.168.9.50/24 dev dg0 noprefixroute");
  ip("addr del 192.168.8.100/24 dev dg0");

  const auto state = installed(plan(1, "dg0"));

  const auto routes = table(20001);
  EXPECT_FALSE(contains(routes, "192.168.8.")) << routes;
  EXPECT_TRUE(contains(routes, "default via 192.168.9.1 dev dg0")) << routes;
  EXPECT_EQ(state.gateway, Address::parse("192.168.9.1"));
}

TEST_F(EgressTable, FollowsAPlanToAnotherInterface) {
  plug_in("dg0");
  plug_in("dg1");
  installed(plan(1, "dg0"));

  installed(plan(1, "dg1"));

  EXPECT_FALSE(contains(rules() + rules("-6") + table(20001), "dg0"));
  EXPECT_TRUE(contains(ask("route get 198.19.0.1 oif dg1"), "table 20001"));
}

TEST_F(EgressTable, RemovesEverythingAndMayDoSoTwice) {
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  const auto before = rules() + rules("-6") + ask("route") + ask("-6 route");
  installed(plan(1, "dg0"));

  EXPECT_TRUE(remove(*socket_, plan(1, "dg0")));
  EXPECT_TRUE(remove(*socket_, plan(1, "dg0")));

  EXPECT_EQ(rules() + rules("-6") + ask("route") + ask("-6 route"), before);
  EXPECT_EQ(table(20001), "");
  EXPECT_EQ(table(20001, "-6"), "");
}

TEST_F(EgressTable, LoosensTheReversePathFilter) {
  std::ofstream("/proc/sys/net/ipv4/conf/all/rp_filter") << 1;
  plug_in("dg0");
  std::ofstream("/proc/sys/net/ipv4/conf/dg0/rp_filter") << 1;

  installed(plan(1, "dg0"));

  EXPECT_EQ(run("cat /proc/sys/net/ipv4/conf/dg0/rp_filter").text, "2\n");
  EXPECT_TRUE(contains(rp_filter_warning(), "conf/all/rp_filter is 1"));
}

TEST_F(EgressTable, RefusesPlansThatWouldTouchOthers) {
  EgressPlan main = plan(1, "dg0");
  main.table = 254;
  EgressPlan late = plan(1, "dg0");
  late.rule_priority = 40000;

  EXPECT_FALSE(install(*socket_, main));
  EXPECT_FALSE(remove(*socket_, main));
  EXPECT_FALSE(install(*socket_, late));
  for (const auto* name : {"", "../all", "all", "a name", "sixteen-letters-"}) {
    EXPECT_FALSE(make_egress_plan(1, name, {})) << name;
  }
  EXPECT_FALSE(make_egress_plan(kMostEgresses, "dg0", {}));
  EXPECT_FALSE(make_egress_plan(-1, "dg0", {}));
}

TEST_F(EgressTable, NamesTheMissingCapability) {
  plug_in("dg0");
  ASSERT_EQ(seteuid(65534), 0);
  auto weak = RtnlSocket::open();
  const auto state = install(*weak, plan(1, "dg0"));
  ASSERT_EQ(seteuid(0), 0);

  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().kind, Failure::Kind::kUnavailable);
  EXPECT_TRUE(contains(state.error().text, "needs CAP_NET_ADMIN; run as root"));
}

}  // namespace
}  // namespace airlane::test
