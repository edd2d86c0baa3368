// One program per interface, whatever happens; and nothing of it afterwards.
#include "netlink/fingerprint/fingerprints.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

class FingerprintAttached : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    plug_in("dg0");
    index_ = static_cast<int>(if_nametoindex("dg0"));
    fingerprints_ = loaded();
  }

  static std::unique_ptr<Fingerprints> loaded() {
    auto loaded = Fingerprints::load({.first = 1, .count = 10});
    EXPECT_TRUE(loaded) << loaded.error().text;
    return *std::move(loaded);
  }

  static void attach(Fingerprints& fingerprints, int interface) {
    const auto attached = fingerprints.attach(interface);
    EXPECT_TRUE(attached) << attached.error().text;
  }

  static std::size_t programs() {
    const auto text = run("tc filter show dev dg0 egress").text;
    std::size_t count = 0;
    for (auto at = text.find("handle"); at != std::string::npos; at = text.find("handle", at + 1)) {
      ++count;
    }
    return count;
  }
  static bool has_clsact() { return contains(run("tc qdisc show dev dg0").text, "clsact"); }

  int index_ = 0;
  std::unique_ptr<Fingerprints> fingerprints_;
};

TEST_F(FingerprintAttached, IsThereOnceHoweverOftenItIsAttached) {
  for (int i = 0; i < 3; ++i) attach(*fingerprints_, index_);
  EXPECT_EQ(programs(), 1U);
  EXPECT_TRUE(contains(run("tc filter show dev dg0 egress").text, "airlane_egress"));
}

TEST_F(FingerprintAttached, KeepsTheTtlOfItsInterfaceWhenItIsAttachedAgain) {
  attach(*fingerprints_, index_);
  EXPECT_TRUE(fingerprints_->set_ttl(index_, 128));
  attach(*fingerprints_, index_);
  EXPECT_EQ(programs(), 1U);
}

TEST_F(FingerprintAttached, LeavesNothingWhenItIsDetached) {
  attach(*fingerprints_, index_);
  EXPECT_TRUE(fingerprints_->detach(index_));
  EXPECT_FALSE(has_clsact());
  EXPECT_TRUE(fingerprints_->detach(index_)) << "again";
}

TEST_F(FingerprintAttached, WorksOnWithoutItsProcessUntilASuccessorReplacesIt) {
  attach(*fingerprints_, index_);
  fingerprints_.reset();
  EXPECT_EQ(programs(), 1U);
  const auto successor = loaded();
  attach(*successor, index_);
  EXPECT_EQ(programs(), 1U);
  EXPECT_TRUE(successor->detach(index_));
  EXPECT_FALSE(has_clsact());
}

TEST_F(FingerprintAttached, IsTakenAwayAfterAProcessThatWasKilled) {
  attach(*fingerprints_, index_);
  fingerprints_ = loaded();  // Has never attached anything.
  EXPECT_TRUE(fingerprints_->detach(index_));
  EXPECT_FALSE(has_clsact());
}

TEST_F(FingerprintAttached, LeavesOthersTheirPrograms) {
  const std::string theirs = " bpf bytecode '1,6 0 0 4294967295,'";
  const auto others =
      run("tc qdisc add dev dg0 clsact &&"
          " tc filter add dev dg0 ingress protocol ip pref 10 handle 7" +
          theirs + " && tc filter add dev dg0 egress protocol all pref 10 handle 7" + theirs);
  ASSERT_EQ(others.status, 0) << others.text;
  attach(*fingerprints_, index_);
  const auto egress = run("tc filter show dev dg0 egress").text;
  EXPECT_LT(egress.find("airlane_egress"), egress.find("pref 10 ")) << "first";
  EXPECT_TRUE(fingerprints_->detach(index_));
  EXPECT_TRUE(contains(run("tc filter show dev dg0 egress").text, "handle 0x7"));
  EXPECT_TRUE(contains(run("tc filter show dev dg0 ingress").text, "handle 0x7"));
  EXPECT_FALSE(contains(run("tc filter show dev dg0 egress").text, "airlane"));
}

TEST_F(FingerprintAttached, GoesWithItsInterface) {
  attach(*fingerprints_, index_);
  unplug("dg0");
  EXPECT_TRUE(fingerprints_->detach(index_)) << "it is gone already";
  EXPECT_FALSE(fingerprints_->attach(index_));
  plug_in("dg0");
  attach(*fingerprints_, static_cast<int>(if_nametoindex("dg0")));
  EXPECT_EQ(programs(), 1U);
}

// The kernel would take the program, and show it to what comes in.
TEST_F(FingerprintAttached, RefusesAnInterfaceWithIngressInThePlaceOfClsact) {
  run("tc qdisc add dev dg0 ingress");
  const auto refused = fingerprints_->attach(index_);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(contains(refused.error().text, "`ingress` where fingerprints need `clsact`"));
  EXPECT_FALSE(contains(run("tc filter show dev dg0 ingress").text, "airlane"));
  run("tc qdisc del dev dg0 ingress");
  attach(*fingerprints_, index_);

  run("tc qdisc del dev dg0 clsact");
  run("tc qdisc add dev dg0 ingress");
  EXPECT_FALSE(fingerprints_->attach(index_)) << "somebody has changed them";
  EXPECT_TRUE(fingerprints_->detach(index_));
}

TEST_F(FingerprintAttached, RefusesAnInterfaceWhoseHeaderItDoesNotKnow) {
  const UniqueFd device(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::string("odd0").copy(request.ifr_name, IFNAMSIZ - 1);
  ASSERT_EQ(ioctl(device.get(), TUNSETIFF, &request), 0);
  const auto index = static_cast<int>(if_nametoindex("odd0"));
  attach(*fingerprints_, index);
  ASSERT_EQ(ioctl(device.get(), TUNSETLINK, ARPHRD_SIT), 0);

  const auto refused = fingerprints_->attach(index);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text,
            "The interface odd0 is of the type 776, for which there are no fingerprints.");
}

// In a child, which gives up its rights for good.
TEST_F(FingerprintAttached, SaysWhichRightsAreMissing) {
  const auto child = fork();
  if (child == 0) {
    if (setuid(65534) != 0) _exit(2);
    const auto refused = Fingerprints::load({.first = 1, .count = 10});
    if (refused) _exit(3);
    const auto& text = refused.error().text;
    _exit(contains(text, "need CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN") ? 0 : 4);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "exit code " << WEXITSTATUS(status);
}

}  // namespace
}  // namespace airlane::test
