#include "server/lost_ports.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

using Ports = std::vector<std::uint16_t>;

class LostPortsTest : public ::testing::Test {
 protected:
  LostPortsTest() {
    for (const std::int64_t dongle : {1, 2}) {
      egresses_[dongle].dongle = dongle;
      egresses_[dongle].up = true;
      egresses_[dongle].generation = 1;
    }
    for (const std::uint16_t port : Ports{20001, 20002, 20003}) {
      proxies_[port].id = port - 20000;
      proxies_[port].port = port;
      proxies_[port].dongle = port == 20003 ? 2 : 1;
    }
  }
  World world() const {
    World world;
    for (const auto& [port, proxy] : proxies_) {
      world.ports[port] = std::make_shared<const ProxyPort>(proxy);
    }
    for (const auto& [id, egress] : egresses_) {
      world.egresses[id] = std::make_shared<const Egress>(egress);
    }
    return world;
  }

  const WallSeconds now_ = from_unix(1'700'000'000);
  std::map<std::uint16_t, ProxyPort> proxies_;
  std::map<std::int64_t, Egress> egresses_;
};

TEST_F(LostPortsTest, AreNoneWhileNothingIsLost) {
  LostPorts lost(world(), now_);
  EXPECT_EQ(lost.at_first(), Ports{});
  proxies_[20001].password = "another";
  proxies_[20009].dongle = 1;
  EXPECT_EQ(lost.next(world(), now_), Ports{});
}

TEST_F(LostPortsTest, AreThoseOfRemovedProxiesOnce) {
  LostPorts lost(world(), now_);
  proxies_.erase(20002);
  EXPECT_EQ(lost.next(world(), now_), Ports{20002});
  EXPECT_EQ(lost.next(world(), now_), Ports{});
  proxies_[20002].id = 77;  // Somebody else's now.
  proxies_[20002].dongle = 1;
  EXPECT_EQ(lost.next(world(), now_), Ports{});
}

TEST_F(LostPortsTest, AreThoseOfADongleThatBeganAnotherGeneration) {
  LostPorts lost(world(), now_);
  egresses_[1].generation = 2;
  EXPECT_EQ(lost.next(world(), now_), (Ports{20001, 20002}));
  egresses_.erase(2);
  EXPECT_EQ(lost.next(world(), now_), Ports{20003});
}

TEST_F(LostPortsTest, AreThoseThatMovedToAnotherDongleOrProxy) {
  LostPorts lost(world(), now_);
  proxies_[20001].dongle = 2;
  proxies_[20003].id = 99;
  EXPECT_EQ(lost.next(world(), now_), (Ports{20001, 20003}));
}

TEST_F(LostPortsTest, AreThoseWithAnotherFingerprint) {
  proxies_[20002].looks = {1000, 65535};
  LostPorts lost(world(), now_);
  proxies_[20001].looks = {1002, 65535};
  EXPECT_EQ(lost.next(world(), now_), Ports{20001}) << "the process before would go on natively";
  proxies_[20002].looks = {1001, 131070};
  EXPECT_EQ(lost.next(world(), now_), Ports{20002}) << "its mark may be the one that is new";
  proxies_[20003].looks = {};
  EXPECT_EQ(lost.next(world(), now_), Ports{});
}

TEST_F(LostPortsTest, AreThoseWhoseRentalIsOver) {
  proxies_[20001].in_use_till = now_ + std::chrono::seconds(10);
  LostPorts lost(world(), now_);
  EXPECT_EQ(lost.next(world(), now_), Ports{});
  EXPECT_EQ(lost.next(world(), now_ + std::chrono::seconds(10)), Ports{20001});
}

TEST_F(LostPortsTest, MayBeLostFromTheFirst) {
  egresses_[2].up = false;
  proxies_[20001].in_use_till = now_;
  LostPorts lost(world(), now_);
  EXPECT_EQ(lost.at_first(), (Ports{20001, 20003}));
  egresses_[2].up = true;
  EXPECT_EQ(lost.next(world(), now_), Ports{});
}

TEST_F(LostPortsTest, AreLeftOutOfTheWorldThatDrains) {
  const auto before = world();
  const Ports ports{20001, 20003};
  const auto after = without(before, ports);
  ASSERT_EQ(after->ports.size(), 1U);
  EXPECT_EQ(after->ports.at(20002), before.ports.at(20002)) << "the same object";
  EXPECT_EQ(after->egresses, before.egresses);
}

}  // namespace
}  // namespace airlane::test
