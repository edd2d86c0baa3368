#include "control/rotation.h"

#include <algorithm>
#include <utility>

namespace airlane {
namespace {

using Time = Monotonic::time_point;

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

std::optional<std::string> probe(const RotationParts& parts, Time until, const Stop& stop) {
  const auto time = std::min(parts.limits.probe, left(parts, until));
  if (time.count() <= 0 || stop.stop_requested()) return std::nullopt;
  auto ip = parts.probe(time, stop);
  if (!ip) return std::nullopt;
  return *std::move(ip);
}

std::optional<std::string> wait_for_ip(const RotationParts& parts, Time until, const Stop& stop) {
  do {
    if (!parts.link_ready()) continue;
    if (auto ip = probe(parts, until, stop)) return ip;
  } while (wait_a_little(parts, until, stop));
  return std::nullopt;
}

}  // namespace

RotationResult rotate(const RotationParts& parts, std::optional<std::string> old_ip,
                      const Stop& stop) {
  const auto start = parts.now();
  const auto until = start + parts.limits.total;
  RotationResult result;
  result.old_ip = std::move(old_ip);
  if (!parts.driver.can_rotate()) {
    const auto refused = parts.driver.rotate(stop);  // At once, with its reason.
    if (!refused) result.failure = refused.error();
    return result;
  }
  if (!result.old_ip) result.old_ip = probe(parts, until, stop);
  {
    const Down down(parts);
    const auto rotated = parts.driver.rotate(stop);
    if (rotated) {
      result.new_ip = wait_for_ip(parts, until, stop);
    } else {
      result.failure = rotated.error();
    }
  }
  result.took = std::chrono::floor<std::chrono::milliseconds>(parts.now() - start);
  return result;
}

std::optional<std::string> reboot(const RotationParts& parts,
                                  const std::function<void(Outcome<Done>)>& accepted,
                                  const Stop& stop) {
  const auto start = parts.now();
  const auto answer = parts.driver.reboot(stop);
  if (!answer) {
    accepted(answer);
    return std::nullopt;
  }
  const Down down(parts);
  accepted(answer);
  // A modem that has accepted still works for a moment: do not take that for its return.
  const auto leave = parts.now() + parts.limits.leave;
  while (parts.link_ready() && wait_a_little(parts, leave, stop)) {
  }
  return wait_for_ip(parts, start + parts.limits.total, stop);
}

}  // namespace airlane
