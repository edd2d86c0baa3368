// A dongle as the control loop sees it: nothing blocks, everything is answered once.
#include "control/dongle.h"

#include <gmock/gmock.h>

#include <atomic>
#include <semaphore>

#include "tests/control/fake_driver.h"

namespace airlane::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class DongleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    DongleParts parts;
    parts.name = "d1";
    parts.driver = std::make_unique<FakeDriver>(modem_);
    parts.probe = [this](auto, const Stop& stop) { return probe_(stop); };
    parts.link_ready = [] { return true; };
    parts.hooks.going_down = [this] { events_.emplace_back("down"); };
    parts.hooks.up_again = [this] { events_.emplace_back("up"); };
    parts.hooks.external_ip = [this](const std::string& ip) { events_.emplace_back(ip); };
    parts.hooks.tried = [this](int attempt) { ends_.push_back("try " + std::to_string(attempt)); };
    parts.hooks.ended = [this](auto activity, const RotationResult&) {
      ends_.push_back(activity == DongleActivity::kRotating ? "rotated" : "rebooted");
      EXPECT_EQ(dongle_->activity(), DongleActivity::kNone);
    };
    parts.limits = {.total = 30s, .probe = 30s, .pace = 1ms, .leave = 1ms};
    dongle_ = std::make_unique<Dongle>(loop_, std::move(parts));
  }

  // Runs the control loop until as many callbacks as expected were called.
  void run(int callbacks = 1) {
    expected_ = callbacks;
    loop_.run_forever();
  }
  void called() {
    if (--expected_ == 0) loop_.stop();
  }

  Dongle::OnRotated on_rotated() {
    return [this](RotationResult result) {
      rotated_.push_back(std::move(result));
      called();
    };
  }
  Dongle::OnExternalIp on_ip() {
    return [this](const std::optional<std::string>& ip) {
      ips_.push_back(ip.value_or("none"));
      called();
    };
  }

  // The modem waits here until a test lets it go on, or until it is told to stop.
  Outcome<Done> held(const Stop& stop) {
    const std::stop_callback free(stop, [this] { gate_.release(); });
    gate_.acquire();
    if (stop.stop_requested()) return no_signal();
    return Done{};
  }

  Loop loop_;
  FakeModem modem_;
  std::counting_semaphore<> gate_{0};
  std::atomic<int> probes_ = 0;
  std::function<Outcome<std::string>(const Stop&)> probe_ = [this](const Stop&) {
    return "203.0.113." + std::to_string(++probes_);
  };
  int expected_ = 0;
  std::vector<std::string> events_;
  std::vector<std::string> ends_;  // Of tries, rotations and reboots.
  std::vector<std::string> ips_;
  std::vector<RotationResult> rotated_;
  std::unique_ptr<Dongle> dongle_;
};

TEST_F(DongleTest, RotatesAndTellsEverybodyInOrder) {
  dongle_->rotate(Dongle::OldIp::kFresh, on_rotated());
  EXPECT_EQ(dongle_->activity(), Dongle::Activity::kRotating);
  EXPECT_TRUE(dongle_->busy_since());
  run();
  ASSERT_EQ(rotated_.size(), 1u);
  EXPECT_EQ(rotated_[0].old_ip, "203.0.113.1");
  EXPECT_EQ(rotated_[0].new_ip, "203.0.113.2");
  EXPECT_THAT(events_, ElementsAre("down", "up", "203.0.113.2"));
  EXPECT_EQ(dongle_->activity(), Dongle::Activity::kNone);
  EXPECT_FALSE(dongle_->busy_since());
}

TEST_F(DongleTest, KeepsTheExternalIpForCallersThatAreContentWithIt) {
  dongle_->external_ip(true, on_ip());
  run();
  dongle_->external_ip(true, on_ip());
  run();
  dongle_->external_ip(false, on_ip());
  run();
  EXPECT_THAT(ips_, ElementsAre("203.0.113.1", "203.0.113.1", "203.0.113.2"));
  dongle_->rotate(Dongle::OldIp::kCached, on_rotated());
  run();
  EXPECT_EQ(rotated_[0].old_ip, "203.0.113.2");
  EXPECT_EQ(rotated_[0].new_ip, "203.0.113.3");
  dongle_->external_ip(true, on_ip());
  run();
  EXPECT_EQ(ips_.back(), "203.0.113.3");
  EXPECT_EQ(probes_, 3);
}

TEST_F(DongleTest, AnswersConcurrentQuestionsWithOneRequest) {
  for (int i = 0; i < 100; ++i) dongle_->external_ip(false, on_ip());
  run(100);
  EXPECT_EQ(probes_, 1);
  EXPECT_THAT(ips_, ::testing::Each("203.0.113.1"));
}

TEST_F(DongleTest, TurnsQuestionsAwayWhenTooManyWait) {
  std::counting_semaphore<> gate{0};
  probe_ = [&](const Stop&) {
    gate.acquire();
    return std::string("203.0.113.1");
  };
  for (int i = 0; i < 300; ++i) dongle_->external_ip(false, on_ip());
  run(300 - 256);
  EXPECT_THAT(ips_, ::testing::Each("none"));
  gate.release();
  run(256);
}

TEST_F(DongleTest, SaysThatNobodyKnowsTheExternalIp) {
  probe_ = [](const Stop&) { return no_signal(); };
  dongle_->external_ip(true, on_ip());
  run();
  EXPECT_THAT(ips_, ElementsAre("none"));
}

TEST_F(DongleTest, HasOneRotationAtATime) {
  modem_.rotate = [this](const Stop& stop) { return held(stop); };
  dongle_->rotate(Dongle::OldIp::kCached, on_rotated());
  for (int i = 0; i < 100; ++i) dongle_->rotate(Dongle::OldIp::kCached, on_rotated());
  dongle_->reboot([this](const Outcome<Done>& outcome) {
    EXPECT_FALSE(outcome);
    called();
  });
  run(101);
  for (const auto& result : rotated_) {
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->kind, Failure::Kind::kConflict);
  }
  gate_.release();
  run();
  EXPECT_FALSE(rotated_.back().failure);
}

TEST_F(DongleTest, GoesOnWhenNobodyWaitsForTheResult) {
  modem_.rotate = [this](const Stop& stop) { return held(stop); };
  {
    auto caller = std::make_shared<int>(0);  // Goes away before the modem is done.
    dongle_->rotate(Dongle::OldIp::kCached, [this, gone = std::weak_ptr(caller)](auto) {
      EXPECT_TRUE(gone.expired());
      called();
    });
  }
  gate_.release();
  run();
  EXPECT_THAT(events_, ElementsAre("down", "up", "203.0.113.2"));
}

TEST_F(DongleTest, AnswersARebootAtOnceAndStaysBusyUntilTheModemIsBack) {
  probe_ = [this](const Stop& stop) -> Outcome<std::string> {
    const auto done = held(stop);
    if (!done) return done.error();
    return std::string("203.0.113.9");
  };
  dongle_->reboot([this](const Outcome<Done>& outcome) {
    EXPECT_TRUE(outcome);
    called();
  });
  run();
  EXPECT_EQ(dongle_->activity(), Dongle::Activity::kRebooting);
  EXPECT_THAT(events_, Contains("down"));
  gate_.release();
  dongle_->status([this](const Outcome<ModemStatus>&) { called(); });  // After the reboot.
  run();
  EXPECT_EQ(dongle_->activity(), Dongle::Activity::kNone);
  EXPECT_THAT(events_, ElementsAre("down", "up", "203.0.113.9"));
}

TEST_F(DongleTest, ARefusalClosesNothing) {
  modem_.can_rotate = false;
  modem_.rotate = modem_.reboot = [](const Stop&) { return no_signal(); };
  dongle_->rotate(Dongle::OldIp::kCached, on_rotated());
  run();
  dongle_->reboot([this](const Outcome<Done>& outcome) {
    EXPECT_FALSE(outcome);
    called();
  });
  run();
  EXPECT_EQ(rotated_[0].failure->text, "no signal");
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(DongleTest, AnswersEverybodyWhenItIsRemovedInTheMiddle) {
  std::counting_semaphore<> began{0};
  modem_.rotate = [&](const Stop& stop) {
    began.release();
    return held(stop);
  };
  dongle_->rotate(Dongle::OldIp::kCached, on_rotated());
  dongle_->external_ip(false, on_ip());
  dongle_->status([this](const Outcome<ModemStatus>& status) {
    EXPECT_FALSE(status);
    called();
  });
  began.acquire();
  const auto start = Monotonic::now();
  dongle_.reset();
  EXPECT_LT(Monotonic::now() - start, 30s);
  run(3);
  EXPECT_TRUE(rotated_[0].failure);
  EXPECT_THAT(ips_, ElementsAre("none"));
  EXPECT_THAT(events_, IsEmpty()) << "hooks are not called after destruction";
}

TEST_F(DongleTest, AHungModemHoldsUpNobodyElse) {
  modem_.status = [this](const Stop& stop) -> Outcome<ModemStatus> {
    return held(stop) ? Outcome<ModemStatus>(ModemStatus{}) : no_signal();
  };
  dongle_->status([](const Outcome<ModemStatus>&) {});
  FakeModem healthy;
  DongleParts parts;
  parts.name = "d2";
  parts.driver = std::make_unique<FakeDriver>(healthy);
  parts.probe = [](auto, const Stop&) { return std::string("198.51.100.1"); };
  parts.link_ready = [] { return true; };
  Dongle other(loop_, std::move(parts));
  other.rotate(Dongle::OldIp::kCached, on_rotated());
  run();
  EXPECT_EQ(rotated_[0].new_ip, "198.51.100.1");
}

TEST_F(DongleTest, TellsOfEachTryThatAnotherFollows) {
  std::vector<std::string> ips{"203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.9"};
  probe_ = [&](const Stop&) { return ips.at(static_cast<std::size_t>(probes_++)); };
  dongle_->rotate(Dongle::OldIp::kFresh, on_rotated(),
                  {.until = RotationGoal::Until::kDifferent, .tries = 5});
  run();
  EXPECT_EQ(rotated_[0].attempts, 3);
  EXPECT_EQ(rotated_[0].reached, true);
  EXPECT_THAT(events_, ElementsAre("down", "up", "203.0.113.1", "down", "up", "203.0.113.1", "down",
                                   "up", "203.0.113.9"));
  EXPECT_THAT(ends_, ElementsAre("try 1", "try 2", "rotated"));
}

TEST_F(DongleTest, TellsOfTheEndOfARebootAsOfARotation) {
  dongle_->reboot([this](const Outcome<Done>& taken) {
    EXPECT_TRUE(taken);
    called();
  });
  run();
  dongle_->external_ip(false, on_ip());  // Its turn comes after the reboot's end.
  run();
  EXPECT_THAT(events_, ElementsAre("down", "up", "203.0.113.1", "203.0.113.2"));
  EXPECT_THAT(ends_, ElementsAre("rebooted"));
}

}  // namespace
}  // namespace airlane::test
