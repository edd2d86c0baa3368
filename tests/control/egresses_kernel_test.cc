// The egresses on the real kernel, in a network namespace of their own: what a dongle that is
// unplugged, or whose address changes, means for the data path, and how soon.
#include "control/egresses.h"
#include "tests/control/scratch.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

using std::chrono::milliseconds;

class EgressesOnTheKernel : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    if (IsSkipped()) return;
    plug_in("dg0");
    plug_in("dg1");
    auto kernel = open_kernel(loop_, {.first = 1, .count = 10});
    ASSERT_TRUE(kernel) << kernel.error().text;
    kernel_ = *std::move(kernel);
    dresser_.emplace(*kernel_, 1);
    egresses_.emplace(loop_, *kernel_, *dresser_,
                      Callback<void()>::to<&EgressesOnTheKernel::note>(*this));
    const auto started = egresses_->start(std::vector{dongle(1, "dg0"), dongle(2, "dg1")});
    ASSERT_TRUE(started) << started.error().text;
    ASSERT_TRUE(egress(1).up);
    ASSERT_TRUE(egress(2).up);
  }

  static DongleRecord dongle(std::int64_t id, const std::string& interface) {
    DongleRecord record;
    record.id = id;
    record.name = record.interface = interface;
    return record;
  }
  void note() {}
  [[nodiscard]] const Egress& egress(std::int64_t id) const {
    return *egresses_->find(id)->egress();
  }
  bool soon(const std::function<bool()>& done, milliseconds most = milliseconds(1000)) {
    return run_until(loop_, done, most);
  }

  Loop loop_;
  std::unique_ptr<Kernel> kernel_;
  std::optional<Dresser> dresser_;
  std::optional<Egresses> egresses_;
};

TEST_F(EgressesOnTheKernel, InterfacesThatChangeTheirNamesKeepTheirLooks) {
  const auto is_dressed = [](const char* interface) {
    return run(std::string("tc filter show dev ") + interface + " egress").text.find("airlane") !=
           std::string::npos;
  };
  for (const auto* name : {"dg0", "dg1"}) {
    const auto dressed = kernel_->attach_looks(name, 64);
    if (!dressed) GTEST_SKIP() << dressed.error().text;
  }
  for (const auto* names : {"dg0 name tmp", "dg1 name dg0", "tmp name dg1"}) {
    run(std::string("ip link set ") + names);
  }
  ASSERT_TRUE(kernel_->attach_looks("dg0", 64));
  EXPECT_TRUE(is_dressed("dg1")) << "it was dg0";
  ASSERT_TRUE(kernel_->attach_looks("dg1", 64));
  EXPECT_TRUE(is_dressed("dg0"));
  EXPECT_TRUE(is_dressed("dg1"));

  run("ip link property add dev dg0 altname other");
  EXPECT_TRUE(kernel_->detach_looks("other"));
  EXPECT_TRUE(is_dressed("dg0")) << "by its own name only";
}

TEST_F(EgressesOnTheKernel, UnpluggingClosesOneTwinWithinASecond) {
  const auto twin = egresses_->find(2)->egress();
  const auto before = egress(1).generation;
  unplug("dg0");
  ASSERT_TRUE(soon([&] { return !egress(1).up; }));
  EXPECT_GT(egress(1).generation, before);
  EXPECT_TRUE(soon([&] { return egresses_->find(1)->state() == DongleState::kAbsent; }));
  EXPECT_EQ(egresses_->find(2)->egress(), twin);
}

TEST_F(EgressesOnTheKernel, ADongleThatIsPluggedInAgainIsUpAgain) {
  unplug("dg0");
  ASSERT_TRUE(soon([&] { return egresses_->find(1)->state() == DongleState::kAbsent; }));
  plug_in("dg0");
  EXPECT_TRUE(soon([&] { return egress(1).up; }, milliseconds(5000)));
  EXPECT_TRUE(contains(table(kFirstTable + 1), "default via 192.168.8.1 dev dg0"));
}

TEST_F(EgressesOnTheKernel, AnotherAddressClosesWhatUsedTheOldOne) {
  const auto before = egress(1).generation;
  ip("addr del 192.168.8.100/24 dev dg0");
  ip("addr add 192.168.8.101/24 dev dg0 noprefixroute");
  ASSERT_TRUE(soon([&] { return egress(1).generation > before; }));
  EXPECT_TRUE(soon([&] { return egress(1).up; }));
  EXPECT_TRUE(contains(table(kFirstTable + 1), "src 192.168.8.101"));
}

TEST_F(EgressesOnTheKernel, ALinkThatIsSetDownClosesTheDongle) {
  const auto before = egress(1).generation;
  ip("link set dg0 down");
  ASSERT_TRUE(soon([&] { return !egress(1).up; }));
  EXPECT_GT(egress(1).generation, before);
}

TEST_F(EgressesOnTheKernel, ATableThatSomebodyFlushesIsPutBack) {
  const auto before = egress(1).generation;
  ip("route flush table " + std::to_string(kFirstTable + 1));
  ASSERT_TRUE(soon([&] { return egress(1).generation > before; }));
  EXPECT_TRUE(soon([&] { return egress(1).up; }));
  EXPECT_TRUE(contains(table(kFirstTable + 1), "default via 192.168.8.1 dev dg0"));
}

TEST_F(EgressesOnTheKernel, ARuleThatSomebodyDeletesIsPutBackWithinSeconds) {
  ip("rule del oif dg0");
  EXPECT_TRUE(soon([&] { return contains(rules(), "oif dg0"); }, milliseconds(3000)));
}

TEST_F(EgressesOnTheKernel, NothingIsHappeningWhileNothingHappens) {
  const auto before = egresses_->find(1)->egress();
  soon([] { return false; }, milliseconds(2500));
  EXPECT_EQ(egresses_->find(1)->egress(), before);
}

TEST_F(EgressesOnTheKernel, TheHostsOwnAddressesAreFollowed) {
  give_the_host_a_way_out();
  const auto own = *Address::parse("203.0.113.2");
  EXPECT_TRUE(soon([&] {
    const auto& all = egresses_->host_addresses();
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.same_ip(own); });
  }));
}

TEST_F(EgressesOnTheKernel, NothingStaysBehind) {
  egresses_.reset();
  EXPECT_FALSE(contains(rules(), "oif")) << rules();
  EXPECT_EQ(table(kFirstTable + 1).find("default"), std::string::npos);
}

}  // namespace
}  // namespace airlane::test
