// What an earlier run left behind when it was killed, and what is none of our business.
#include "netlink/egress_table.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

class Leftovers : public NetworkTest {};

TEST_F(Leftovers, AreRemovedUnlessTheyAreKept) {
  plug_in("dg0");
  plug_in("dg1");
  installed(plan(1, "dg0"));
  installed(plan(2, "dg1"));
  installed(plan(3, "away"));

  const std::vector<EgressPlan> keep{plan(2, "dg1")};
  ASSERT_TRUE(remove_leftovers(*socket_, keep));

  EXPECT_EQ(table(20001) + table(20001, "-6") + table(20003) + table(20003, "-6"), "");
  EXPECT_FALSE(contains(rules() + rules("-6"), "dg0"));
  EXPECT_FALSE(contains(rules() + rules("-6"), "away"));
  EXPECT_TRUE(contains(rules(), "oif dg1 lookup 20002"));
  EXPECT_TRUE(contains(table(20002), "default via 192.168.8.1 dev dg1"));
  EXPECT_TRUE(contains(table(20002, "-6"), "unreachable default"));
}

TEST_F(Leftovers, OfOthersStay) {
  plug_in("dg0");
  ip("rule add oif dg0 lookup 300 pref 500");
  ip("rule add oif dg0 lookup 20009 pref 10009");
  ip("rule add from 192.0.2.1 lookup 20010 pref 40000 protocol static");
  ip("route add unreachable default table 300");
  ip("route add unreachable default table 20009");
  ip("route add 198.51.100.0/24 dev dg0 proto 65 table 300");
  const auto before = rules() + table(300) + table(20009);

  ASSERT_TRUE(remove_leftovers(*socket_, {}));

  EXPECT_EQ(rules() + table(300) + table(20009), before);
}

TEST_F(Leftovers, OfNothingAreNothing) {
  EXPECT_TRUE(remove_leftovers(*socket_, {}));
  EXPECT_TRUE(remove_leftovers(*socket_, {}));
}

}  // namespace
}  // namespace airlane::test
