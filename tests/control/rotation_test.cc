// A rotation, minute by minute, on a clock that only moves when somebody waits.
#include <gmock/gmock.h>

#include "tests/control/rotation_fixture.h"

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(RotationTest, ClosesThenRotatesThenOpensThenAsks) {
  rotate_to("203.0.113.2");
  const auto result = rotate(parts(), std::nullopt, {});
  EXPECT_EQ(result.old_ip, "203.0.113.1");
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_FALSE(result.failure);
  EXPECT_THAT(events_, ElementsAre("probe", "down", "rotate", "up", "probe"));
}

TEST_F(RotationTest, DoesNotAskForAnOldAddressThatItIsGiven) {
  rotate_to("203.0.113.2");
  const auto result = rotate(parts(), "198.51.100.7", {});
  EXPECT_EQ(result.old_ip, "198.51.100.7");
  EXPECT_THAT(events_, ElementsAre("down", "rotate", "up", "probe"));
}

TEST_F(RotationTest, IsASuccessWithTheSameAddress) {
  rotate_to("203.0.113.1");
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, result.old_ip);
  EXPECT_FALSE(result.failure);
}

TEST_F(RotationTest, WaitsForTheLinkBeforeItAsks) {
  rotate_to("203.0.113.2");
  link_returns_ = start_ + 40s;
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_GE(result.took, 40s);
  EXPECT_THAT(events_, ElementsAre("down", "rotate", "up", "probe"));
}

TEST_F(RotationTest, KeepsNobodyOutWhileTheAddressIsNotKnown) {
  rotate_to("");
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, std::nullopt);
  EXPECT_FALSE(result.failure) << "the modem did rotate; only the check failed";
  ASSERT_TRUE(result.unchecked);
  EXPECT_THAT(result.unchecked->text, HasSubstr("no answer"));
  EXPECT_THAT(result.unchecked->text, HasSubstr("[external_ip] urls"));
  EXPECT_EQ(opened_at_, 0s);
  EXPECT_EQ(elapsed(), 45s);
  ASSERT_GE(events_.size(), 4u);
  EXPECT_EQ(events_[2], "up");
}

TEST_F(RotationTest, AsksNoLongerThanTheWholeMayTake) {
  rotate_to("");
  link_returns_ = start_ + 150s;
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(opened_at_, 150s);
  EXPECT_EQ(elapsed(), 165s);
  EXPECT_THAT(result.unchecked->text, HasSubstr("no answer"));
}

TEST_F(RotationTest, WaitsForAModemThatSaysItIsNotConnected) {
  rotate_to("203.0.113.2");
  modem_.is_back = [this] { return elapsed() >= 12s; };
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_EQ(opened_at_, 12s);
}

TEST_F(RotationTest, TriesAModemThatNeverSaysItIsConnected) {
  rotate_to("203.0.113.2");
  link_returns_ = start_ + 10s;
  modem_.is_back = [] { return false; };
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_EQ(opened_at_, 40s) << "from the link's return";
}

TEST_F(RotationTest, SaysThatTheModemHasNotConnectedInTime) {
  rotate_to("203.0.113.2");
  modem_.is_back = [] { return false; };
  auto few = parts();
  few.limits.total = 10s;
  const auto result = rotate(few, "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, std::nullopt);
  EXPECT_THAT(result.unchecked->text, HasSubstr("has not connected again within 10 s"));
  EXPECT_EQ(opened_at_, 10s);
}

TEST_F(RotationTest, GivesUpAtTheLimitWhenTheLinkNeverComesBack) {
  rotate_to("203.0.113.2");
  link_returns_ = start_ + 24h;
  const auto result = rotate(parts(), "203.0.113.1", {});
  EXPECT_EQ(result.new_ip, std::nullopt);
  EXPECT_EQ(elapsed(), 165s);
  EXPECT_THAT(result.unchecked->text, HasSubstr("has not come back within 165 s"));
  EXPECT_THAT(events_, ElementsAre("down", "rotate", "up"));
}

TEST_F(RotationTest, OpensAgainWhenTheModemFails) {
  modem_.rotate = [](const Stop&) { return no_signal(); };
  const auto result = rotate(parts(), "203.0.113.1", {});
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->text, "no signal");
  EXPECT_EQ(result.new_ip, std::nullopt);
  EXPECT_THAT(events_, ElementsAre("down", "up"));
}

TEST_F(RotationTest, TouchesNothingWhenTheModemCannotRotateAtAll) {
  modem_.can_rotate = false;
  modem_.rotate = [](const Stop&) { return no_signal(); };
  const auto result = rotate(parts(), std::nullopt, {});
  EXPECT_TRUE(result.failure);
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(RotationTest, EndsWhenStoppedInTheMiddle) {
  modem_.rotate = [this](const Stop&) {
    stop_.request_stop();
    ip_ = "";
    return Done{};
  };
  const auto result = rotate(parts(), "203.0.113.1", stop_.get_token());
  EXPECT_EQ(result.new_ip, std::nullopt);
  EXPECT_LT(elapsed(), 20s);
  EXPECT_THAT(events_, ElementsAre("down", "up"));
}

TEST_F(RotationTest, ARebootAnswersFirstAndThenWaitsForTheModemToLeaveAndReturn) {
  modem_.reboot = [this](const Stop&) {
    link_leaves_ = now_ + 5s;
    link_returns_ = now_ + 45s;
    return Done{};
  };
  const auto result = reboot(parts(),
                             [this](const Outcome<Done>& outcome) {
                               EXPECT_TRUE(outcome);
                               EXPECT_EQ(elapsed(), 0s);
                               events_.emplace_back("accepted");
                             },
                             {});
  EXPECT_EQ(result.new_ip, "203.0.113.1");
  EXPECT_GE(elapsed(), 45s);
  EXPECT_THAT(events_, ElementsAre("down", "accepted", "up", "probe"));
}

TEST_F(RotationTest, ARebootOfAModemWhoseLinkNeverDropsEndsToo) {
  link_leaves_ = start_ + 24h;
  EXPECT_EQ(reboot(parts(), [](const Outcome<Done>&) {}, {}).new_ip, "203.0.113.1");
  EXPECT_EQ(elapsed(), 20s);
}

TEST_F(RotationTest, ARebootKeepsNobodyOutWhileTheAddressIsNotKnown) {
  modem_.reboot = [this](const Stop&) {
    link_leaves_ = now_ + 5s;
    link_returns_ = now_ + 45s;
    ip_ = "";
    return Done{};
  };
  const auto result = reboot(parts(), [](const Outcome<Done>&) {}, {});
  EXPECT_EQ(opened_at_, 45s);
  EXPECT_EQ(elapsed(), 90s);
  EXPECT_THAT(result.unchecked->text, HasSubstr("no answer"));
}

TEST_F(RotationTest, ARefusedRebootClosesNothing) {
  modem_.reboot = [](const Stop&) { return no_signal(); };
  int told = 0;
  const auto result = reboot(parts(),
                             [&](const Outcome<Done>& outcome) {
                               ++told;
                               EXPECT_FALSE(outcome);
                             },
                             {});
  EXPECT_TRUE(result.failure);
  EXPECT_EQ(result.new_ip, std::nullopt);
  EXPECT_EQ(told, 1);
  EXPECT_THAT(events_, IsEmpty());
}

}  // namespace
}  // namespace airlane::test
