// Rotations that are after an address: how often they try, what they compare, and why they stop.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/control/rotation_fixture.h"

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The addresses come in this order, and the last one again and again.
class RotateUntilTest : public RotationTest {
 protected:
  using Until = RotationGoal::Until;

  RotationResult pursue(RotationGoal goal, std::optional<std::string> known = std::nullopt) {
    auto all = parts();
    all.goal = std::move(goal);
    all.tried = [this](int attempt, const std::optional<std::string>& ip) {
      tried_.push_back(std::to_string(attempt) + " " + ip.value_or("-"));
    };
    all.limits.total = total_;
    return rotate(all, std::move(known), stop_.get_token());
  }
  void brings(std::vector<std::string> ips, std::chrono::milliseconds taking = 10s) {
    modem_.told_again = [this](int attempt) { again_.push_back(attempt); };
    modem_.rotate = [this, ips = std::move(ips), taking](const Stop&) {
      now_ += taking;
      ip_ = ips[std::min(rotations_++, ips.size() - 1)];
      return Done{};
    };
  }

  std::chrono::milliseconds total_ = 165s;
  std::size_t rotations_ = 0;
  std::vector<int> again_;
  std::vector<std::string> tried_;
};

TEST_F(RotateUntilTest, StopsAtTheFirstAddressThatIsDifferent) {
  brings({"203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.3"});
  const auto result = pursue({.until = Until::kDifferent, .tries = 5});
  EXPECT_EQ(result.old_ip, "203.0.113.1");
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_EQ(result.attempts, 3);
  EXPECT_EQ(result.reached, true);
  EXPECT_EQ(result.missed, "");
  EXPECT_EQ(result.took, 30s);
  EXPECT_THAT(tried_, ElementsAre("1 203.0.113.1", "2 203.0.113.1"));
  EXPECT_THAT(again_, ElementsAre(2, 3)) << "the driver knows how often it was told";
}

TEST_F(RotateUntilTest, ServesCustomersBetweenTwoTries) {
  brings({"203.0.113.1", "203.0.113.2"}, 0s);
  EXPECT_EQ(pursue({.until = Until::kDifferent, .tries = 5}).reached, true);
  EXPECT_THAT(events_, ElementsAre("probe", "down", "up", "probe", "down", "up", "probe"));
}

TEST_F(RotateUntilTest, ComparesWithTheAddressOfNowAndNotWithTheOneThatWasKnown) {
  brings({"203.0.113.1", "203.0.113.9"});
  const auto result = pursue({.until = Until::kDifferent, .tries = 5}, "203.0.113.77");
  EXPECT_EQ(result.old_ip, "203.0.113.1");
  EXPECT_EQ(result.attempts, 2);
}

TEST_F(RotateUntilTest, SaysThatTheTriesAreUsedUp) {
  brings({"203.0.113.1"});
  const auto result = pursue({.until = Until::kDifferent, .tries = 3});
  EXPECT_EQ(result.new_ip, "203.0.113.1");
  EXPECT_EQ(result.attempts, 3);
  EXPECT_EQ(result.reached, false);
  EXPECT_FALSE(result.failure) << "it did rotate";
  EXPECT_EQ(result.missed, "3 tries have not brought an address that is known to be different.");
}

TEST_F(RotateUntilTest, BeginsNoTryForWhichThereIsNoTime) {
  brings({"203.0.113.1"}, 50s);
  const auto result = pursue({.until = Until::kDifferent, .tries = 10});
  EXPECT_EQ(result.attempts, 3);
  EXPECT_EQ(result.reached, false);
  EXPECT_EQ(elapsed(), 150s);
  EXPECT_EQ(result.missed,
            "There was no time for another try, which may take 50 s: only 15 s were left.");
}

TEST_F(RotateUntilTest, CountsWhatTheDriverAddsToTheNextTry) {
  brings({"203.0.113.1"});
  modem_.hold = [](int attempt) { return 60s * attempt; };
  total_ = 75s;
  const auto result = pursue({.until = Until::kDifferent, .tries = 10});
  EXPECT_EQ(result.attempts, 1);
  EXPECT_THAT(result.missed, HasSubstr("may take 70 s: only 65 s"));
}

TEST_F(RotateUntilTest, TriesAgainWhenTheNewAddressIsNotKnown) {
  brings({"", "203.0.113.2"}, 0s);
  const auto result = pursue({.until = Until::kDifferent, .tries = 3});
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_FALSE(result.unchecked) << "what counts is how it ended";
  EXPECT_EQ(result.reached, true);
  EXPECT_THAT(tried_, ElementsAre("1 -"));
}

TEST_F(RotateUntilTest, DoesNotGoOnWhenThereIsNothingToCompareWith) {
  ip_ = "";
  brings({"203.0.113.2"});
  const auto result = pursue({.until = Until::kDifferent, .tries = 5});
  EXPECT_EQ(result.attempts, 1);
  EXPECT_EQ(result.reached, false);
  EXPECT_THAT(result.missed, HasSubstr("old address is not known"));
}

TEST_F(RotateUntilTest, ComparesWithTheKnownOneWhenNobodyTellsTheOld) {
  ip_ = "";
  brings({"203.0.113.77", "203.0.113.2"});
  const auto result = pursue({.until = Until::kDifferent, .tries = 5}, "203.0.113.77");
  EXPECT_EQ(result.new_ip, "203.0.113.2");
  EXPECT_EQ(result.attempts, 2);
}

TEST_F(RotateUntilTest, EndsWhenTheModemFails) {
  brings({"203.0.113.1"});
  const auto succeed = modem_.rotate;
  modem_.rotate = [this, succeed](const Stop& stop) {
    return rotations_ == 1 ? no_signal() : succeed(stop);
  };
  const auto result = pursue({.until = Until::kDifferent, .tries = 5});
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.attempts, 2);
  EXPECT_EQ(result.new_ip, std::nullopt) << "nobody knows what it is by now";
}

TEST_F(RotateUntilTest, EndsWhenStopped) {
  brings({"203.0.113.1"});
  modem_.told_again = [this](int) { stop_.request_stop(); };
  EXPECT_LE(pursue({.until = Until::kDifferent, .tries = 10}).attempts, 2);
}

TEST_F(RotateUntilTest, KnowsWhichAddressesWereUsed) {
  brings({"203.0.113.7", "203.0.113.1", "203.0.113.8", "203.0.113.9"});
  int asked = 0;
  const auto result = pursue({.until = Until::kUnused, .tries = 5, .hours = 24, .used = [&] {
                                ++asked;
                                return std::set<std::string>{"203.0.113.7", "203.0.113.8"};
                              }});
  EXPECT_EQ(result.new_ip, "203.0.113.9") << "nor the old one, whatever the history says";
  EXPECT_EQ(result.attempts, 4);
  EXPECT_EQ(asked, 1);
}

TEST_F(RotateUntilTest, SaysForHowLongNoneWasUnused) {
  brings({"203.0.113.7"});
  const auto used = [] { return std::set<std::string>{"203.0.113.7"}; };
  EXPECT_EQ(pursue({.until = Until::kUnused, .tries = 2, .hours = 24, .used = used}).missed,
            "2 tries have not brought an address that was not in use in the last 24 hours.");
  EXPECT_EQ(pursue({.until = Until::kUnused, .tries = 1, .hours = 1, .used = used}).missed,
            "One try has not brought an address that was not in use in the last 1 hour.");
}

TEST_F(RotateUntilTest, TouchesNothingWhenNobodyKnowsWhatWasUsed) {
  brings({"203.0.113.9"});
  const auto used = []() -> Outcome<std::set<std::string>> { return no_signal(); };
  const auto result = pursue({.until = Until::kUnused, .tries = 2, .hours = 24, .used = used});
  EXPECT_TRUE(result.failure);
  EXPECT_EQ(result.attempts, 0);
  EXPECT_THAT(events_, ElementsAre("probe"));
}

}  // namespace
}  // namespace airlane::test
