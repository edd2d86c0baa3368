#include "control/exit.h"

#include <gtest/gtest.h>

#include "tests/control/fake_kernel.h"

namespace airlane::test {
namespace {

Exit exit_of_ten() { return {10, "wwan0", std::nullopt, {}}; }

std::uint64_t generation(const Exit& exit) { return exit.egress()->generation; }

TEST(Exit, IsAbsentUntilTheKernelHasItsInterface) {
  auto exit = exit_of_ten();
  EXPECT_EQ(exit.state(), DongleState::kAbsent);
  EXPECT_FALSE(exit.egress()->up);
  EXPECT_TRUE(exit.see(hilink()));
  EXPECT_EQ(exit.state(), DongleState::kUp);
  EXPECT_TRUE(exit.egress()->up);
}

TEST(Exit, AsksItsGatewayForNamesUnlessItWasGivenServers) {
  auto exit = exit_of_ten();
  exit.see(hilink());
  EXPECT_EQ(exit.egress()->dns_servers, std::vector{ip("192.168.8.1", 53)});

  Exit other(11, "wwan1", std::nullopt, {ip("192.0.2.53", 53)});
  other.see(hilink());
  EXPECT_EQ(other.egress()->dns_servers, std::vector{ip("192.0.2.53", 53)});
}

TEST(Exit, WithoutAnyoneToAskForNamesIsNotUp) {
  auto exit = exit_of_ten();
  auto seen = hilink();
  seen.gateway.reset();
  EXPECT_EQ(exit.lacks(), "") << "it may be that there is no interface";
  exit.see(seen);
  EXPECT_EQ(exit.state(), DongleState::kDown);
  EXPECT_NE(exit.lacks().find("--dns"), std::string_view::npos);
  exit.see(hilink());
  EXPECT_EQ(exit.lacks(), "");
}

TEST(Exit, SeeingTheSameAgainIsNoNews) {
  auto exit = exit_of_ten();
  exit.see(hilink());
  const auto before = exit.egress();
  EXPECT_FALSE(exit.see(hilink()));
  EXPECT_EQ(exit.egress(), before);
}

TEST(Exit, LosingAnythingRaisesTheGenerationAndClosesIt) {
  auto exit = exit_of_ten();
  exit.see(hilink());
  const auto before = generation(exit);
  EXPECT_TRUE(exit.lose());
  EXPECT_GT(generation(exit), before);
  EXPECT_EQ(exit.state(), DongleState::kDown);
}

TEST(Exit, ComingBackAfterALossDoesNotRaiseItAgain) {
  auto exit = exit_of_ten();
  exit.see(hilink());
  exit.lose();
  const auto lost = generation(exit);
  exit.see(hilink(8));
  EXPECT_EQ(generation(exit), lost);
  EXPECT_EQ(exit.state(), DongleState::kUp);
}

TEST(Exit, NoticesALossThatNobodyReported) {
  const std::vector<std::function<void(EgressState&)>> losses{
      [](EgressState& state) { state.index = 8; },
      [](EgressState& state) { state.addresses = {ip("192.168.8.101")}; },
      [](EgressState& state) { state.gateway = ip("192.168.8.2"); },
      [](EgressState& state) { state.up = false; }, [](EgressState& state) { state = {}; }};
  for (const auto& loss : losses) {
    auto exit = exit_of_ten();
    exit.see(hilink());
    const auto before = generation(exit);
    auto after = hilink();
    loss(after);
    EXPECT_TRUE(exit.see(after));
    EXPECT_GT(generation(exit), before);
  }
}

TEST(Exit, GainingAnAddressClosesNothing) {
  auto exit = exit_of_ten();
  exit.see(hilink());
  const auto before = generation(exit);
  auto more = hilink();
  more.addresses.push_back(ip("2001:db8::5"));
  more.has_v6 = true;
  EXPECT_TRUE(exit.see(more));
  EXPECT_EQ(generation(exit), before);
  EXPECT_TRUE(exit.egress()->has_v6);
}

TEST(Exit, ARotationHoldsItWhateverTheKernelShows) {
  auto exit = exit_of_ten();
  exit.see(hilink());
  const auto before = generation(exit);
  EXPECT_TRUE(exit.hold(DongleState::kRotating));
  EXPECT_GT(generation(exit), before);
  exit.see({});
  exit.see(hilink(8));
  EXPECT_EQ(exit.state(), DongleState::kRotating);
  EXPECT_FALSE(exit.egress()->up);
  EXPECT_TRUE(exit.release());
  EXPECT_TRUE(exit.egress()->up);
}

TEST(Exit, ForbidsItsAddressesAndGatewaysAlsoWhenItIsGone) {
  Exit exit(10, "wwan0", ip("10.0.0.1"), {});
  EXPECT_EQ(exit.forbidden(), std::vector{ip("10.0.0.1")});
  exit.see(hilink());
  exit.see({});
  const auto forbidden = exit.forbidden();
  for (const auto* address : {"192.168.8.1", "192.168.8.100", "10.0.0.1"}) {
    EXPECT_NE(std::find(forbidden.begin(), forbidden.end(), ip(address)), forbidden.end())
        << address;
  }
}

TEST(Exit, DoesNotRememberMoreOldAddressesThanItsLimit) {
  Exit exit(10, "wwan0", ip("10.0.0.1"), {});
  for (int lease = 1; lease < 100; ++lease) {
    auto state = hilink();
    state.addresses = {ip("192.168.8." + std::to_string(lease + 1))};
    exit.see(state);
  }
  const auto forbidden = exit.forbidden();
  EXPECT_LE(forbidden.size(), 17U);
  for (const auto* address : {"192.168.8.1", "192.168.8.100", "10.0.0.1"}) {
    EXPECT_NE(std::find(forbidden.begin(), forbidden.end(), ip(address)), forbidden.end())
        << address;
  }
}

}  // namespace
}  // namespace airlane::test
