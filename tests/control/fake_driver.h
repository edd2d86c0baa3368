// A modem of a test's making: what it answers, and what it does while it is asked.
#pragma once

#include <functional>
#include <utility>

#include "control/modem/driver.h"

namespace airlane::test {

inline Failure no_signal() { return {Failure::Kind::kUnavailable, "no signal"}; }

struct FakeModem {
  bool can_rotate = true;
  std::function<Outcome<Done>(const Stop&)> rotate = [](const Stop&) { return Done{}; };
  std::function<void(int attempt)> told_again = [](int) {};  // Before `rotate`.
  std::function<std::chrono::milliseconds(int attempt)> hold = [](int) {
    return std::chrono::milliseconds(0);
  };
  std::function<Outcome<Done>(const Stop&)> reboot = [](const Stop&) { return Done{}; };
  std::function<bool()> is_back = [] { return true; };
  std::function<Outcome<ModemStatus>(const Stop&)> status = [](const Stop&) {
    return ModemStatus{};
  };
};

class FakeDriver : public Driver {
 public:
  explicit FakeDriver(FakeModem& modem) : modem_(modem) {}
  [[nodiscard]] bool can_rotate() const override { return modem_.can_rotate; }
  Outcome<Done> rotate(const Stop& stop) override { return modem_.rotate(stop); }
  Outcome<Done> rotate_again(int attempt, const Stop& stop) override {
    modem_.told_again(attempt);
    return modem_.rotate(stop);
  }
  [[nodiscard]] std::chrono::milliseconds hold(int attempt) const override {
    return modem_.hold(attempt);
  }
  Outcome<Done> reboot(const Stop& stop) override { return modem_.reboot(stop); }
  bool is_back(const Stop&) override { return modem_.is_back(); }
  Outcome<ModemStatus> status(const Stop& stop) override { return modem_.status(stop); }

 private:
  FakeModem& modem_;
};

}  // namespace airlane::test
