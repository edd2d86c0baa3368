// Which proxy looks how, and that none of them ever looks native instead.
#include "control/dresser.h"

#include <gtest/gtest.h>

#include "control/fingerprint.h"
#include "tests/control/farm_fixture.h"

namespace airlane::test {
namespace {

constexpr auto kWindows = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";
constexpr auto kLinux = "*:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0";

class DresserTest : public FarmTest {
 protected:
  DresserTest() { config_.fingerprint.first_mark = 1000; }

  Outcome<ProxyRecord> wear(ProxyRecord proxy, const std::string& fp) {
    proxy.fp = fp;
    return change_proxy(proxy);
  }
  [[nodiscard]] const ProxyPort& port(std::uint16_t number) const {
    return *world_->ports.at(number);
  }
  // A world that tells of what the kernel said a moment ago.
  void settle() {
    run_until(
        loop_, [] { return false; }, std::chrono::milliseconds(60));
  }
};

TEST_F(DresserTest, AProxyWithoutAFingerprintHasNoMarkAndAsksNothingOfTheKernel) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  EXPECT_EQ(port(20001).looks, Looks());
  EXPECT_TRUE(kernel_.looks.empty());
  EXPECT_TRUE(kernel_.attached.empty());
}

TEST_F(DresserTest, AFingerprintIsInTheKernelBeforeAnySocketHasItsMark) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  ASSERT_TRUE(wear(proxy, kWindows));
  const auto looks = port(20001).looks;
  EXPECT_GE(looks.mark, 1000U);
  EXPECT_EQ(looks.window_clamp, 65535 << 8);
  EXPECT_EQ(kernel_.looks.at(looks.mark), *recipe_of(kWindows));
  EXPECT_EQ(kernel_.attached.at("wwan0"), 128);
}

TEST_F(DresserTest, AProxyThatIsAddedWithAFingerprintHasAMarkThatTheKernelKnows) {
  start();
  auto proxy = proxy_on(add_dongle("d0", "wwan0"), 20001);
  proxy.fp = kWindows;
  ASSERT_TRUE(
      answer<ProxyRecord>(loop_, [&](auto then) { farm_->add_proxy(proxy, std::move(then)); }));
  const auto looks = port(20001).looks;
  EXPECT_EQ(looks.window_clamp, 65535 << 8);
  ASSERT_TRUE(kernel_.looks.contains(looks.mark)) << "it would leave by the native looks";
  EXPECT_EQ(kernel_.looks.at(looks.mark), *recipe_of(kWindows));
  EXPECT_EQ(kernel_.attached.at("wwan0"), 128);
}

TEST_F(DresserTest, AnotherFingerprintTakesAnotherMarkSoThatConnectionsKeepTheirs) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  ASSERT_TRUE(wear(proxy, kWindows));
  const auto first = port(20001).looks;
  ASSERT_TRUE(wear(proxy, kLinux));
  const auto second = port(20001).looks;
  EXPECT_NE(first.mark, second.mark);
  EXPECT_EQ(kernel_.looks.at(first.mark), *recipe_of(kWindows));
  EXPECT_EQ(kernel_.looks.at(second.mark), *recipe_of(kLinux));
  ASSERT_TRUE(wear(proxy, kLinux));
  EXPECT_EQ(port(20001).looks, second) << "nothing is new";
  ASSERT_TRUE(wear(proxy, ""));
  EXPECT_EQ(port(20001).looks, Looks());
  EXPECT_EQ(kernel_.looks.at(second.mark), *recipe_of(kLinux)) << "for those that are there";
}

// What is kept for a mark (a connection to a target, a resolver) would be used with other looks.
TEST_F(DresserTest, LooksDifferThoughTheirMarkComesRound) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  ASSERT_TRUE(wear(proxy, kWindows));
  const auto first = port(20001).looks;
  ASSERT_TRUE(wear(proxy, kLinux));
  ASSERT_TRUE(wear(proxy, kWindows));
  EXPECT_EQ(port(20001).looks.mark, first.mark);
  EXPECT_EQ(port(20001).looks.window_clamp, first.window_clamp);
  EXPECT_NE(port(20001).looks, first);
}

TEST_F(DresserTest, ProxiesNeverShareAMark) {
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  std::set<std::uint32_t> marks;
  for (std::uint16_t number = 20001; number < 20009; ++number) {
    const auto proxy = *add_proxy(dongle, number);
    for (const auto* fp : {kWindows, kLinux}) {
      ASSERT_TRUE(wear(proxy, fp));
      marks.insert(port(number).looks.mark);
    }
  }
  EXPECT_EQ(marks.size(), 16U);
}

TEST_F(DresserTest, WhatTheKernelRefusesChangesNothing) {
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  const auto proxy = *add_proxy(dongle, 20001);
  kernel_.no_looks = "No BPF here.";
  const auto refused = wear(proxy, kWindows);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::Kind::kUnavailable);
  EXPECT_EQ(refused.error().text, "No BPF here.");
  EXPECT_EQ(farm_->proxy(proxy.id)->fp, "");
  EXPECT_EQ(port(20001).dongle, dongle) << "it goes on as it was";
  EXPECT_EQ(port(20001).looks, Looks());
}

TEST_F(DresserTest, WhatTheInterfaceRefusesChangesNothing) {
  kernel_.bare = {"wwan0"};
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  const auto proxy = *add_proxy(dongle, 20001);
  const auto refused = wear(proxy, kWindows);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "No looks for wwan0.");
  EXPECT_EQ(farm_->proxy(proxy.id)->fp, "");
  EXPECT_EQ(port(20001).dongle, dongle);
}

TEST_F(DresserTest, ADongleThatTakesNoLooksChangesNoneOfThoseThatAreThere) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  auto moved = proxy;
  moved.dongle = add_dongle("d1", "wwan1");
  ASSERT_TRUE(wear(proxy, kWindows));
  ASSERT_TRUE(wear(proxy, kLinux));
  const auto looks = kernel_.looks;
  kernel_.bare = {"wwan1"};
  ASSERT_FALSE(wear(moved, "*:200:0:*:*,*:mss:df:0"));
  EXPECT_EQ(kernel_.looks, looks) << "connections may have the mark of the one before";
}

// An import stores first.
TEST_F(DresserTest, AProxyThatCameWithADongleThatCannotHaveItsLooksIsClosed) {
  kernel_.bare = {"wwan0"};
  Dresser dresser(kernel_, 1000);
  auto proxy = proxy_on(7, 20001);
  proxy.fp = kWindows;
  ASSERT_TRUE(dresser.prepare(proxy));
  dresser.follow(proxy);
  EXPECT_FALSE(dresser.dress(7, "wwan0"));
  EXPECT_FALSE(dresser.looks_of(proxy)) << "it would leave by the native looks";
  EXPECT_EQ(dresser.trouble_of(proxy), "No looks for wwan0.");
  kernel_.bare.clear();
  EXPECT_TRUE(dresser.keep_dressed(7, "wwan0")) << "it is tried again";
  EXPECT_TRUE(dresser.looks_of(proxy));
}

TEST_F(DresserTest, AStoredFingerprintIsThereAfterAStart) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  ASSERT_TRUE(wear(proxy, kWindows));
  farm_.reset();
  EXPECT_FALSE(kernel_.attached.contains("wwan0")) << "a clean stop";
  kernel_.looks.clear();
  kernel_.order.clear();
  start();
  EXPECT_EQ(kernel_.looks.size(), 2U) << "both marks: connections of before may have either";
  EXPECT_EQ(port(20001).looks.window_clamp, 65535 << 8);
  EXPECT_EQ(kernel_.order, (std::vector<std::string>{"attach wwan0", "install wwan0"}));
}

TEST_F(DresserTest, LeavesItsProgramsToWhoeverTakesOver) {
  start();
  ASSERT_TRUE(wear(*add_proxy(add_dongle("d0", "wwan0"), 20001), kWindows));
  farm_->leave();
  farm_.reset();
  EXPECT_TRUE(kernel_.attached.contains("wwan0"));
}

TEST_F(DresserTest, TakesAwayWhatAKilledProcessLeftWhereNobodyHasAFingerprintAnyMore) {
  start();
  add_dongle("d0", "wwan0");
  farm_.reset();
  kernel_.attached["wwan0"] = 128;
  start();
  EXPECT_TRUE(kernel_.attached.empty());
}

TEST_F(DresserTest, NobodyLeavesByAProxyThatCannotHaveItsStoredFingerprint) {
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  const auto proxy = *add_proxy(dongle, 20001);
  ASSERT_TRUE(add_proxy(dongle, 20002));
  ASSERT_TRUE(wear(proxy, kWindows));
  farm_.reset();
  kernel_.no_looks = "No BPF here.";
  start();
  EXPECT_EQ(port(20001).dongle, 0);
  EXPECT_EQ(port(20002).dongle, dongle) << "who has none is not concerned";
  EXPECT_EQ(farm_->fingerprint_trouble(*farm_->proxy(proxy.id)), "No BPF here.");

  auto renamed = *farm_->proxy(proxy.id);
  renamed.comment = "closed";
  ASSERT_TRUE(change_proxy(renamed)) << "other things may change meanwhile";
  EXPECT_EQ(port(20001).dongle, 0);

  kernel_.no_looks.clear();
  ASSERT_TRUE(wear(renamed, kWindows));
  EXPECT_EQ(port(20001).dongle, dongle) << "mended";
  EXPECT_EQ(kernel_.looks.at(port(20001).looks.mark), *recipe_of(kWindows));
  EXPECT_EQ(farm_->fingerprint_trouble(*farm_->proxy(proxy.id)), "");
}

// Stored before fingerprints were judged by more than their shape.
TEST_F(DresserTest, AStoredTextThatIsNoFingerprintClosesItsProxyUntilItIsReset) {
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  auto proxy = *add_proxy(dongle, 20001);
  farm_.reset();
  proxy.fp = "*:64:0:*:1,1:aaaa::+";
  ASSERT_TRUE(store_->wait([&](Database& database) { return proxies::update(database, proxy); }));
  start();
  EXPECT_EQ(port(20001).dongle, 0);
  ASSERT_TRUE(wear(proxy, ""));
  EXPECT_EQ(port(20001).dongle, dongle);
  EXPECT_EQ(port(20001).looks, Looks());
}

TEST_F(DresserTest, AnInterfaceThatComesBackIsSeenBeforeItHasARoute) {
  start();
  ASSERT_TRUE(wear(*add_proxy(add_dongle("d0", "wwan0"), 20001), kWindows));
  kernel_.interfaces.erase("wwan0");
  kernel_.lose("wwan0");
  settle();
  kernel_.order.clear();
  kernel_.interfaces["wwan0"] = hilink(9);
  kernel_.gain("wwan0");
  settle();
  ASSERT_GE(kernel_.order.size(), 2U);
  EXPECT_EQ(kernel_.order[0], "attach wwan0");
  EXPECT_EQ(kernel_.order[1], "install wwan0");
}

TEST_F(DresserTest, AnInterfaceThatComesBackAndTakesNoLooksIsDownUntilEverybodyKnows) {
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  ASSERT_TRUE(add_proxy(dongle, 20002));
  ASSERT_TRUE(wear(*add_proxy(dongle, 20001), kWindows));
  kernel_.bare = {"wwan0"};
  kernel_.order.clear();
  kernel_.gain("wwan0");
  ASSERT_TRUE(run_until(
      loop_, [&] { return !world_->egresses.at(dongle)->up; }, std::chrono::seconds(2)));
  EXPECT_EQ(port(20001).dongle, 0) << "and now that is known";
  EXPECT_TRUE(kernel_.order.empty()) << "no route was made before";
  ASSERT_TRUE(run_until(
      loop_, [&] { return world_->egresses.at(dongle)->up; }, std::chrono::seconds(2)));
  EXPECT_EQ(port(20001).dongle, 0);
  EXPECT_EQ(port(20002).dongle, dongle) << "who has none is not concerned";
}

TEST_F(DresserTest, WhatHasNoMarkHasTheTtlOfTheDonglesProxiesIfAllOfThemHaveOne) {
  start();
  const auto dongle = add_dongle("d0", "wwan0");
  const auto one = *add_proxy(dongle, 20001);
  ASSERT_TRUE(wear(one, kWindows));
  EXPECT_EQ(kernel_.attached.at("wwan0"), 128);
  const auto two = *add_proxy(dongle, 20002);
  const auto three = *add_proxy(dongle, 20003);
  EXPECT_EQ(kernel_.attached.at("wwan0"), 0) << "it may be a packet of theirs";
  ASSERT_TRUE(wear(two, kLinux));
  ASSERT_TRUE(wear(three, kLinux));
  EXPECT_EQ(kernel_.attached.at("wwan0"), 64) << "most of them";
  ASSERT_TRUE(remove_proxy(two.id));
  ASSERT_TRUE(remove_proxy(three.id));
  EXPECT_EQ(kernel_.attached.at("wwan0"), 128);
}

TEST_F(DresserTest, AProxyThatMovesTakesItsLooksToTheOtherDongle) {
  start();
  auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  const auto other = add_dongle("d1", "wwan1");
  ASSERT_TRUE(wear(proxy, kWindows));
  EXPECT_FALSE(kernel_.attached.contains("wwan1"));
  proxy = *farm_->proxy(proxy.id);
  proxy.dongle = other;
  ASSERT_TRUE(change_proxy(proxy));
  EXPECT_EQ(kernel_.attached.at("wwan1"), 128);
  EXPECT_EQ(port(20001).dongle, other);
}

TEST_F(DresserTest, ADongleThatIsRemovedIsUndressed) {
  start();
  const auto proxy = *add_proxy(add_dongle("d0", "wwan0"), 20001);
  ASSERT_TRUE(wear(proxy, kWindows));
  ASSERT_TRUE(remove_proxy(proxy.id));
  ASSERT_TRUE(remove_dongle("d0"));
  EXPECT_TRUE(kernel_.attached.empty());
}

}  // namespace
}  // namespace airlane::test
