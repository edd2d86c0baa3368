// Links, addresses and routes as the kernel has them.
#include <algorithm>

#include "netlink/addresses.h"
#include "netlink/links.h"
#include "netlink/routes.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

class Lists : public NetworkTest {
 protected:
  Link link(const std::string& name) {
    const auto found = find_link(*socket_, name);
    EXPECT_TRUE(found && *found) << name;
    return found && *found ? **found : Link();
  }
};

TEST_F(Lists, DescribeALink) {
  plug_in("dg0");

  const auto dongle = link("dg0");

  EXPECT_GT(dongle.index, 0);
  EXPECT_TRUE(dongle.up && dongle.running);
  EXPECT_FALSE(dongle.point_to_point);
  EXPECT_EQ(dongle.mac, kMac);
}

TEST_F(Lists, TellNoCarrierFromDown) {
  plug_in("dg0");
  ip("link set mdg0 down");
  await_state("dg0", "LOWERLAYERDOWN");
  EXPECT_TRUE(link("dg0").up);
  EXPECT_FALSE(link("dg0").running);

  ip("link set dg0 down");
  EXPECT_FALSE(link("dg0").up);
}

TEST_F(Lists, HoldEveryLinkOnce) {
  for (int i = 0; i < 40; ++i) plug_in("dg" + std::to_string(i), "");

  const auto links = read_links(*socket_);

  ASSERT_TRUE(links);
  EXPECT_EQ(links->size(), 81U) << "40 pairs and the loopback";
}

TEST_F(Lists, DoNotFindALinkByItsAlternativeName) {
  plug_in("dg0");
  ip("link property add dev dg0 altname other");

  const auto absent = find_link(*socket_, "nowhere");
  const auto other = find_link(*socket_, "other");

  ASSERT_TRUE(absent && other);
  EXPECT_FALSE(absent->has_value());
  EXPECT_FALSE(other->has_value());
}

TEST_F(Lists, HoldTheAddressesOfEveryLink) {
  plug_in("dg0");
  plug_in("dg1");
  ip("addr add 2001:db8::100/64 dev dg1 nodad");
  ip("addr add 10.64.64.2 peer 10.64.64.1 dev dg0");

  const auto addresses = read_addresses(*socket_);

  ASSERT_TRUE(addresses);
  const auto has = [&](const std::string& name, const std::string& ip, unsigned prefix) {
    return std::any_of(addresses->begin(), addresses->end(), [&](const InterfaceAddress& one) {
      return one.link_index == link(name).index && one.ip.ip() == ip && one.prefix == prefix;
    });
  };
  EXPECT_TRUE(has("lo", "127.0.0.1", 8));
  EXPECT_TRUE(has("dg0", "192.168.8.100", 24));
  EXPECT_TRUE(has("dg1", "192.168.8.100", 24));
  EXPECT_TRUE(has("dg1", "2001:db8::100", 64));
  EXPECT_TRUE(has("dg0", "10.64.64.2", 32)) << "ours, not the peer's";
}

TEST_F(Lists, TellWhichAddressesAreGlobal) {
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  const auto addresses = read_addresses(*socket_, link("dg0").index);

  ASSERT_TRUE(addresses);
  EXPECT_EQ(addresses->size(), 3U) << "with the link-local one";
  for (const auto& address : *addresses) {
    EXPECT_EQ(address.global, address.ip.ip().substr(0, 4) != "fe80") << address.ip.ip();
  }
}

TEST_F(Lists, OfATableThatIsNotThereAreEmpty) {
  for (const int family : {AF_INET, AF_INET6}) {
    const auto routes = read_routes(*socket_, family, 20077);
    ASSERT_TRUE(routes) << routes.error().text;
    EXPECT_TRUE(routes->empty());
  }
}

TEST_F(Lists, FindTheBestDefaultRouteOfALink) {
  plug_in("dg0", "192.168.8.100/24");
  ip("route add 192.168.8.0/24 dev dg0");
  ip("route add default via 192.168.8.3 dev dg0 metric 30");
  ip("route add default via 192.168.8.2 dev dg0 metric 20");
  ip("route add unreachable default metric 1");

  const auto best = main_default_route(*socket_, AF_INET, link("dg0").index);

  ASSERT_TRUE(best && *best);
  EXPECT_EQ((*best)->gateway, Address::parse("192.168.8.2"));
  EXPECT_FALSE(*main_default_route(*socket_, AF_INET, link("mdg0").index));
  EXPECT_FALSE(*main_default_route(*socket_, AF_INET6, link("dg0").index));
}

TEST_F(Lists, SayInTheKernelsWordsWhyARouteWasRefused) {
  plug_in("dg0");
  Route route;
  route.table = 20001;
  route.link_index = link("dg0").index;
  route.gateway = Address::parse("203.0.113.1");

  const auto put = put_route(*socket_, route);

  ASSERT_FALSE(put);
  EXPECT_TRUE(contains(put.error().text, "Nexthop has invalid gateway")) << put.error().text;
  EXPECT_TRUE(contains(put.error().text, "default via 203.0.113.1")) << put.error().text;
}

TEST(Masked, KeepsThePrefixOnly) {
  const auto mask = [](const char* ip, unsigned prefix) {
    return masked(*Address::parse(ip), prefix).ip();
  };
  EXPECT_EQ(mask("192.168.8.100", 24), "192.168.8.0");
  EXPECT_EQ(mask("192.168.11.255", 22), "192.168.8.0");
  EXPECT_EQ(mask("192.168.8.100", 32), "192.168.8.100");
  EXPECT_EQ(mask("192.168.8.100", 0), "0.0.0.0");
  EXPECT_EQ(mask("2001:db8:1:2:3::4", 50), "2001:db8:1::");
}

}  // namespace
}  // namespace airlane::test
