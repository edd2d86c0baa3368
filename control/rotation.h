// What happens when a dongle is told to take another address or to restart: the order of it.
//
//   rotate:  old address -> going_down -> driver -> modem back -> up_again -> new address
//   reboot:  driver -> going_down, "accepted" -> link away -> modem back -> up_again -> address
//
// going_down and up_again come in pairs, whatever fails between them; a driver that cannot rotate
// at all causes neither. Between them is only what the modem needs: whether somebody tells us our
// address is no customer's concern. It may be the old one: carriers do that, and it is a success.
//
// Blocks, up to `total` and the driver's own deadline: the dongle's thread only. Everything it
// touches is handed in, so that a test can play a rotation of three minutes in no time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "control/modem/driver.h"

namespace airlane {

// Asks for the external IP through the dongle, for at most so long.
using ProbeIp = std::function<Outcome<std::string>(std::chrono::milliseconds most, const Stop&)>;

struct RotationLimits {
  std::chrono::milliseconds total{165'000};   // From the call to the answer.
  std::chrono::milliseconds probe{15'000};    // One question for the external IP.
  std::chrono::milliseconds pace{1'000};      // Between two looks at the link, or two questions.
  std::chrono::milliseconds attach{30'000};   // From the link to a modem that says "connected".
  std::chrono::milliseconds address{45'000};  // All questions for the new external IP.
  std::chrono::milliseconds leave{20'000};    // How long a link may take to go away on reboot.
};

// Which address a rotation is after, and how often it may try to get one.
struct RotationGoal {
  enum class Until : std::uint8_t { kAny, kDifferent, kUnused };
  Until until = Until::kAny;
  int tries = 1;
  int hours = 0;  // Of kUnused: for how long it must not have been in use.
  // Of kUnused: the addresses that were. Asked for once, on the dongle's thread.
  std::function<Outcome<std::set<std::string>>()> used{};
};

struct RotationParts {
  Driver& driver;
  ProbeIp probe;
  std::function<bool()> link_ready;  // The interface is there, is up and has its address.
  std::function<void()> going_down;  // Nothing may go through the dongle from here,
  std::function<void()> up_again;    // until here.
  RotationLimits limits = {};
  RotationGoal goal = {};
  // An attempt has brought this address, and another one follows.
  std::function<void(int attempt, const std::optional<std::string>& ip)> tried = {};
  std::function<Monotonic::time_point()> now = Monotonic::now;
  std::function<bool(const Stop&, std::chrono::milliseconds)> wait = pause;
};

struct RotationResult {
  std::optional<std::string> old_ip;
  std::optional<std::string> new_ip;
  std::optional<Failure> failure;    // The modem did not rotate, or not reboot.
  std::optional<Failure> unchecked;  // It did, and this is why there is no new_ip.
  int attempts = 0;                  // How often the modem was told.
  std::optional<bool> reached;       // Whether new_ip is what the goal wants; absent without one.
  std::string missed;                // Why not; a sentence.
  std::chrono::milliseconds took{};
};

// `old_ip` is asked for first when it is not given, and also when new addresses have to be compared
// with it. With a goal it goes on until that is reached, the tries are used up or `limits.total`
// leaves no time for another one.
RotationResult rotate(const RotationParts& parts, std::optional<std::string> old_ip,
                      const Stop& stop);

// Calls `accepted` once, as soon as the modem has answered; then waits until the dongle is back and
// asks for its external IP. There is no old one.
RotationResult reboot(const RotationParts& parts,
                      const std::function<void(Outcome<Done>)>& accepted, const Stop& stop);

}  // namespace airlane
