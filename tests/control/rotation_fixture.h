// A rotation on a clock that only moves when somebody waits.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "control/rotation.h"
#include "tests/control/fake_driver.h"

namespace airlane::test {

using namespace std::chrono_literals;

class RotationTest : public ::testing::Test {
 protected:
  RotationParts parts() {
    return {.driver = driver_,
            .probe = [this](auto most, const Stop&) { return probe(most); },
            .link_ready = [this] { return link(); },
            .going_down = [this] { events_.emplace_back("down"); },
            .up_again =
                [this] {
                  events_.emplace_back("up");
                  opened_at_ = elapsed();
                },
            .now = [this] { return now_; },
            .wait =
                [this](const Stop& stop, auto time) {
                  now_ += time;
                  return !stop.stop_requested();
                }};
  }

  Outcome<std::string> probe(std::chrono::milliseconds most) {
    events_.emplace_back("probe");
    if (ip_.empty()) {
      now_ += most;  // Nobody answers: it takes all the time that it is given.
      return Failure{Failure::Kind::kUnavailable, "no answer"};
    }
    return ip_;
  }

  bool link() { return now_ < link_leaves_ || now_ >= link_returns_; }

  // At which the modem of these tests has done its part.
  void rotate_to(const std::string& ip) {
    modem_.rotate = [this, ip](const Stop&) {
      events_.emplace_back("rotate");
      ip_ = ip;
      return Done{};
    };
  }

  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - start_);
  }

  const Monotonic::time_point start_{};
  Monotonic::time_point now_ = start_;
  Monotonic::time_point link_leaves_ = start_;
  Monotonic::time_point link_returns_ = start_;  // Never away, unless a test says so.
  std::chrono::milliseconds opened_at_{-1};
  std::string ip_ = "203.0.113.1";
  std::vector<std::string> events_;
  FakeModem modem_;
  FakeDriver driver_{modem_};
  std::stop_source stop_;
};

}  // namespace airlane::test
