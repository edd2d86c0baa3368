#include "control/rotation.h"

#include <algorithm>
#include <utility>

namespace airlane {
namespace {

using Time = Monotonic::time_point;
using Until = RotationGoal::Until;

class Down {
 public:
  explicit Down(const RotationParts& parts) : parts_(parts) { parts_.going_down(); }
  Down(Down&&) = delete;
  ~Down() { parts_.up_again(); }

 private:
  const RotationParts& parts_;
};

std::chrono::milliseconds left(const RotationParts& parts, Time until) {
  return std::chrono::floor<std::chrono::milliseconds>(until - parts.now());
}

// False when there is no time left or we are stopping.
bool wait_a_little(const RotationParts& parts, Time until, const Stop& stop) {
  const auto time = std::min(parts.limits.pace, left(parts, until));
  return time.count() > 0 && parts.wait(stop, time);
}

Failure unchecked(std::string text) { return {Failure::Kind::kUnavailable, std::move(text)}; }

std::string in_seconds(std::chrono::milliseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

Outcome<std::string> probe(const RotationParts& parts, Time until, const Stop& stop) {
  const auto time = std::min(parts.limits.probe, left(parts, until));
  if (time.count() <= 0 || stop.stop_requested()) return unchecked("There was no time to ask.");
  return parts.probe(time, stop);
}

// Until customers may leave by it again: its link is back, and the modem is, or has had its time.
Outcome<Done> wait_until_back(const RotationParts& parts, Time until, const Stop& stop) {
  std::optional<Time> ready_since;
  do {
    if (!parts.link_ready()) {
      ready_since.reset();
      continue;
    }
    if (parts.driver.is_back(stop)) return Done{};
    if (!ready_since) ready_since = parts.now();
    if (parts.now() - *ready_since >= parts.limits.attach) return Done{};
  } while (wait_a_little(parts, until, stop));
  const auto limit = in_seconds(parts.limits.total);
  if (ready_since) {
    return unchecked("The modem has not connected again within " + limit +
                     ": look at its signal and its SIM card.");
  }
  return unchecked("The interface has not come back within " + limit +
                   ": look at the modem and at `ip link`.");
}

// Customers are served meanwhile: an address that nobody tells us is no reason to keep them out.
Outcome<std::string> wait_for_ip(const RotationParts& parts, Time until, const Stop& stop) {
  until = std::min(until, parts.now() + parts.limits.address);
  auto ip = probe(parts, until, stop);
  while (!ip && wait_a_little(parts, until, stop)) {
    if (left(parts, until).count() <= 0) break;  // Keep what the last question was answered.
    if (parts.link_ready()) ip = probe(parts, until, stop);
  }
  if (ip) return ip;
  return unchecked(ip.error().text +
                   " Its proxies are in use again. If no address of [external_ip] urls can be "
                   "reached through this dongle, name others.");
}

void learn(RotationResult& result, Outcome<std::string> ip) {
  if (ip) {
    result.new_ip = *std::move(ip);
  } else {
    result.unchecked = ip.error();
  }
}

// The modem is told once more, and what comes of it replaces what came before.
void attempt(const RotationParts& parts, RotationResult& result, Time until, const Stop& stop) {
  ++result.attempts;
  result.new_ip.reset();
  result.unchecked.reset();
  const auto back = [&]() -> Outcome<Done> {
    const Down down(parts);
    const auto rotated = result.attempts == 1 ? parts.driver.rotate(stop)
                                              : parts.driver.rotate_again(result.attempts, stop);
    if (rotated) return wait_until_back(parts, until, stop);
    result.failure = rotated.error();
    return result.failure.value();
  }();
  if (!result.failure) learn(result, back ? wait_for_ip(parts, until, stop) : back.error());
}

// The addresses that will not do.
Outcome<std::set<std::string>> unwanted(const RotationGoal& goal, const RotationResult& result) {
  std::set<std::string> addresses;
  if (goal.until == Until::kUnused) {
    auto used = goal.used();
    if (!used) return used;
    addresses = *std::move(used);
  }
  if (result.old_ip) addresses.insert(*result.old_ip);
  return addresses;
}

std::string none_of_the_tries(const RotationGoal& goal) {
  std::string text = goal.tries == 1 ? "One try has" : std::to_string(goal.tries) + " tries have";
  text += " not brought an address that ";
  if (goal.until == Until::kDifferent) return text + "is known to be different.";
  return text + "was not in use in the last " + std::to_string(goal.hours) +
         (goal.hours == 1 ? " hour." : " hours.");
}

std::string no_time(std::chrono::milliseconds needed, std::chrono::milliseconds rest) {
  return "There was no time for another try, which may take " + in_seconds(needed) + ": only " +
         std::to_string(std::chrono::floor<std::chrono::seconds>(rest).count()) + " s were left.";
}

// Goes on as long as it makes sense. An attempt is taken to last as long as the longest before it,
// and what the driver adds.
void pursue(const RotationParts& parts, RotationResult& result, Time until, const Stop& stop) {
  const auto& goal = parts.goal;
  const auto bad = unwanted(goal, result);
  if (!bad) {
    result.failure = bad.error();
    return;
  }
  std::chrono::milliseconds longest{};
  for (;;) {
    const auto began = parts.now();
    attempt(parts, result, until, stop);
    longest = std::max(longest, std::chrono::ceil<std::chrono::milliseconds>(parts.now() - began));
    if (result.failure || stop.stop_requested()) return;
    const bool comparable = result.old_ip || goal.until == Until::kUnused;
    result.reached = comparable && result.new_ip && !bad->contains(*result.new_ip);
    if (*result.reached) return;
    if (!comparable) {
      result.missed = "The old address is not known, so the new one cannot be compared with it.";
      return;
    }
    const auto next = result.attempts + 1;
    if (next > goal.tries) {
      result.missed = none_of_the_tries(goal);
      return;
    }
    const auto needed =
        longest + std::max(parts.driver.hold(next) - parts.driver.hold(next - 1), {});
    if (const auto rest = left(parts, until); rest < needed) {
      result.missed = no_time(needed, std::max(rest, {}));
      return;
    }
    if (parts.tried) parts.tried(result.attempts, result.new_ip);
  }
}

}  // namespace

RotationResult rotate(const RotationParts& parts, std::optional<std::string> old_ip,
                      const Stop& stop) {
  const auto start = parts.now();
  const auto until = start + parts.limits.total;
  const bool any = parts.goal.until == Until::kAny;
  RotationResult result;
  result.old_ip = std::move(old_ip);
  if (!parts.driver.can_rotate()) {
    const auto refused = parts.driver.rotate(stop);  // At once, with its reason.
    if (!refused) result.failure = refused.error();
    return result;
  }
  if (!result.old_ip || !any) {
    if (auto ip = probe(parts, until, stop)) result.old_ip = *std::move(ip);
  }
  if (any) {
    attempt(parts, result, until, stop);
  } else {
    pursue(parts, result, until, stop);
  }
  result.took = std::chrono::floor<std::chrono::milliseconds>(parts.now() - start);
  return result;
}

RotationResult reboot(const RotationParts& parts,
                      const std::function<void(Outcome<Done>)>& accepted, const Stop& stop) {
  const auto start = parts.now();
  const auto until = start + parts.limits.total;
  RotationResult result;
  result.attempts = 1;
  const auto answer = parts.driver.reboot(stop);
  if (!answer) {
    accepted(answer);
    result.failure = answer.error();
    return result;
  }
  const auto back = [&] {
    const Down down(parts);
    accepted(answer);
    // A modem that has accepted still works for a moment: do not take that for its return.
    const auto leave = parts.now() + parts.limits.leave;
    while (parts.link_ready() && wait_a_little(parts, leave, stop)) {
    }
    return wait_until_back(parts, until, stop);
  }();
  learn(result, back ? wait_for_ip(parts, until, stop) : back.error());
  result.took = std::chrono::floor<std::chrono::milliseconds>(parts.now() - start);
  return result;
}

}  // namespace airlane
