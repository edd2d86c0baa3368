// What happens to a dongle is told within moments, by name, and as a loss only where it is one.
#include "netlink/watch.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include "base/event/timer.h"
#include "netlink/links.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

class WatchTest : public NetworkTest {
 public:
  void on_change(const Change& change) {
    seen_.push_back(change);
    if (awaited_ && awaited_(change)) loop_.stop();
  }
  void on_overrun() {
    ++overruns_;
    loop_.stop();
  }
  void on_deadline() { loop_.stop(); }

 protected:
  using Wanted = std::function<bool(const Change&)>;

  void start() {
    seen_.clear();
    auto opened = Watch::open(loop_, *socket_, Watch::OnChange::to<&WatchTest::on_change>(*this),
                              Watch::OnOverrun::to<&WatchTest::on_overrun>(*this));
    ASSERT_TRUE(opened) << opened.error().text;
    watch_ = *std::move(opened);
  }

  // Whether such a change is told within two seconds, or was already.
  bool told(const Wanted& wanted) {
    if (std::any_of(seen_.begin(), seen_.end(), wanted)) return true;
    awaited_ = wanted;
    deadline_.start(2s);
    loop_.run_forever();
    deadline_.cancel();
    awaited_ = nullptr;
    return std::any_of(seen_.begin(), seen_.end(), wanted);
  }

  bool told(Change::Kind kind, const std::string& interface, bool lost) {
    return told([&](const Change& change) {
      return change.kind == kind && change.interface == interface && change.lost == lost;
    });
  }

  // Everything that happened so far was told, once this marker was.
  void catch_up() {
    ip("link add marker type veth peer name mmarker");
    ASSERT_TRUE(told(Change::Kind::kLink, "marker", false));
    ip("link del marker");
    ASSERT_TRUE(told(Change::Kind::kGone, "mmarker", true));
    ASSERT_TRUE(told(Change::Kind::kGone, "marker", true));
    std::erase_if(seen_, [](const Change& one) { return contains(one.interface, "marker"); });
  }

  Loop loop_;
  Timer deadline_{loop_, Callback<void()>::to<&WatchTest::on_deadline>(*this)};
  std::vector<Change> seen_;
  Wanted awaited_;
  int overruns_ = 0;
  std::unique_ptr<Watch> watch_;
};

TEST_F(WatchTest, TellsThatADongleWasPluggedIn) {
  start();
  plug_in("dg0");

  EXPECT_TRUE(told(Change::Kind::kLink, "dg0", false));
  EXPECT_TRUE(told(Change::Kind::kAddress, "dg0", false));
  EXPECT_FALSE(std::any_of(seen_.begin(), seen_.end(), [](auto& one) { return one.lost; }));
}

TEST_F(WatchTest, TellsThatADongleWasUnplugged) {
  plug_in("dg0");
  start();
  unplug("dg0");

  EXPECT_TRUE(told(Change::Kind::kGone, "dg0", true));
}

TEST_F(WatchTest, TellsThatALinkWentDownAndCameUp) {
  plug_in("dg0");
  start();
  ip("link set dg0 down");
  EXPECT_TRUE(told(Change::Kind::kLink, "dg0", true));
  seen_.clear();

  ip("link set dg0 up");
  EXPECT_TRUE(told(Change::Kind::kLink, "dg0", false));
}

TEST_F(WatchTest, TellsThatTheCarrierWasLost) {
  plug_in("dg0");
  start();
  ip("link set mdg0 down");

  EXPECT_TRUE(told(Change::Kind::kLink, "dg0", true));
}

TEST_F(WatchTest, TellsWhichAddressWasRemoved) {
  plug_in("dg0");
  start();
  ip("addr del 192.168.8.100/24 dev dg0");

  ASSERT_TRUE(told(Change::Kind::kAddress, "dg0", true));
  EXPECT_EQ(seen_.front().address, Address::parse("192.168.8.100"));
}

TEST_F(WatchTest, TellsThatTheDefaultRouteOfADonglesTableWasRemoved) {
  plug_in("dg0");
  installed(plan(1, "dg0"));
  start();
  ip("route del 192.168.8.0/24 table 20001");
  ip("route del default via 192.168.8.1 table 20001");

  EXPECT_TRUE(told(Change::Kind::kRoute, "dg0", true));
  EXPECT_EQ(seen_.size(), 1U) << "only the default route is worth telling";
  EXPECT_EQ(seen_.front().table, 20001U);
}

TEST_F(WatchTest, TellsOfDefaultRoutesInMainButNotAsALoss) {
  plug_in("dg0");
  start();
  ip("route add default via 192.168.8.1 dev dg0 onlink");
  EXPECT_TRUE(told(Change::Kind::kRoute, "dg0", false));
  ip("route del default via 192.168.8.1 dev dg0");
  catch_up();

  ASSERT_EQ(seen_.size(), 2U);
  EXPECT_FALSE(seen_.back().lost);
  EXPECT_EQ(seen_.back().table, 254U);
}

TEST_F(WatchTest, NamesBothSidesOfARename) {
  plug_in("dg0");
  start();
  ip("link set dg0 down");
  ip("link set dg0 name dg9");

  EXPECT_TRUE(told(Change::Kind::kGone, "dg0", true));
  EXPECT_TRUE(told(Change::Kind::kLink, "dg9", false));
  seen_.clear();
  unplug("dg9");
  EXPECT_TRUE(told(Change::Kind::kGone, "dg9", true));
}

TEST_F(WatchTest, IsSilentAboutWhatWeDoOurselves) {
  plug_in("dg0");
  ip("addr add 2001:db8::100/64 dev dg0 nodad");
  ip("-6 route add default via fe80::1 dev dg0");
  start();
  installed(plan(1, "dg0"));
  installed(plan(1, "dg0", "192.168.8.2"));
  installed(plan(1, "dg0"));
  ASSERT_TRUE(remove(*socket_, plan(1, "dg0")));
  catch_up();

  EXPECT_TRUE(seen_.empty()) << seen_.size();
}

TEST_F(WatchTest, TellsNothingTwice) {
  plug_in("dg0");
  start();
  ip("addr change 192.168.8.100/24 dev dg0 valid_lft 100 preferred_lft 100");
  ip("addr change 192.168.8.100/24 dev dg0 valid_lft 200 preferred_lft 200");
  ip("link set dg0 mtu 1428");
  catch_up();

  EXPECT_TRUE(seen_.empty()) << seen_.size() << " of " << seen_.front().interface;
}

TEST_F(WatchTest, IgnoresABridgeLettingGoOfAPort) {
  plug_in("dg0");
  ip("link add br0 type bridge");
  ip("link set mdg0 master br0");
  start();
  ip("link set mdg0 nomaster");
  catch_up();

  EXPECT_FALSE(
      std::any_of(seen_.begin(), seen_.end(), [](auto& one) { return one.interface == "mdg0"; }));
}

TEST_F(WatchTest, FollowsADongleThroughANewIndex) {
  plug_in("dg0");
  start();
  for (int round = 0; round < 3; ++round) {
    seen_.clear();
    unplug("dg0");
    plug_in("dg0");
    EXPECT_TRUE(told(Change::Kind::kGone, "dg0", true));
    EXPECT_TRUE(told(Change::Kind::kAddress, "dg0", false));
  }
}

TEST_F(WatchTest, AsksForALookAroundWhenTheKernelDroppedMessages) {
  plug_in("dg0");
  start();
  // Nobody reads while this goes on, until the queue overflows.
  std::ofstream batch("/tmp/airlane-netlink-" + std::to_string(getpid()));
  for (int i = 0; i < 20000; ++i) {
    batch << "route add unicast 10." << i / 250 << "." << i % 250 << ".0/24 dev dg0 table 9\n";
  }
  batch.close();
  (void)run("ip -batch /tmp/airlane-netlink-" + std::to_string(getpid()));
  (void)run("rm /tmp/airlane-netlink-" + std::to_string(getpid()));
  deadline_.start(5s);
  loop_.run_forever();
  deadline_.cancel();

  EXPECT_EQ(overruns_, 1);
  unplug("dg0");
  EXPECT_TRUE(told(Change::Kind::kGone, "dg0", true)) << "it goes on afterwards";
}

}  // namespace
}  // namespace airlane::test
