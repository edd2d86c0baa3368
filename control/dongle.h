// One dongle: its modem, its external IP, and a thread on which both may take their time.
//
// Lives on the control loop, which outlives it: made, called and destroyed on that loop's thread.
// No call blocks. Every callback is called exactly once, from the control loop, never inside the
// call; when the dongle is destroyed first, it is called with a failure soon after. Hooks are not
// called after destruction, and must not cause it. `driver`, `probe` and `link_ready` are used on
// the dongle's own thread.
//
// At most one rotation or reboot is under way; another is refused with kConflict. Of questions for
// the external IP or the status, those that come while one is being asked share its answer. So a
// dongle never holds more than one command of each kind, and a modem that hangs only hangs this.
// What is asked during a rotation is answered after it.
//
// Destruction ends a running HTTP call, wait or program at once; a rotation that has taken the
// modem off the network takes a few seconds more to put it back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event/loop_thread.h"
#include "base/result.h"
#include "control/external_ip.h"
#include "control/modem/driver.h"
#include "control/rotation.h"

namespace airlane {

enum class DongleActivity : std::uint8_t { kNone, kRotating, kRebooting };

struct DongleHooks {                                    // On the control loop.
  std::function<void()> going_down;                     // Close its tunnels, refuse new ones,
  std::function<void()> up_again;                       // until here.
  std::function<void(const std::string&)> external_ip;  // Whenever it was asked and answered.
  // A rotation has brought no address that is wanted, and tries again.
  std::function<void(int attempt)> tried;
  // Of each rotation and reboot, before a rotation's caller is told.
  std::function<void(DongleActivity ended, const RotationResult& result)> ended;
};

struct DongleParts {
  std::string name;
  std::unique_ptr<Driver> driver;
  ProbeIp probe;
  std::function<bool()> link_ready;
  DongleHooks hooks;
  std::chrono::milliseconds ip_age_most{120'000};  // How long an external IP stays in the cache.
  RotationLimits limits = {};
};

class Dongle {
 public:
  using Activity = DongleActivity;
  enum class OldIp { kCached, kFresh };  // kCached asks too when the cache has none.

  using OnRotated = std::function<void(RotationResult)>;
  using OnAccepted = std::function<void(Outcome<Done>)>;
  using OnExternalIp = std::function<void(std::optional<std::string>)>;
  using OnStatus = std::function<void(Outcome<ModemStatus>)>;

  Dongle(Loop& control, DongleParts parts);
  Dongle(Dongle&&) = delete;
  ~Dongle();

  void rotate(OldIp old_ip, OnRotated done, RotationGoal goal = {});
  // `done` is told when the modem has accepted; the rest happens in the background.
  void reboot(OnAccepted done);
  // From the cache only if that is young enough, else asked; nothing when nobody knows.
  void external_ip(bool from_cache, OnExternalIp done);
  void status(OnStatus done);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] Activity activity() const noexcept { return activity_; }
  // Since when it rotates or reboots.
  [[nodiscard]] std::optional<Monotonic::time_point> busy_since() const noexcept;

 private:
  [[nodiscard]] std::optional<Failure> begin(Activity activity);
  void end(const RotationResult& result);
  void learn(const std::string& ip);
  [[nodiscard]] RotationParts rotation_parts(RotationGoal goal = {});
  // From the dongle's thread: run on the control loop unless the dongle is gone by then.
  void tell(std::function<void()> task);

  Loop& control_;
  const std::string name_;
  const DongleHooks hooks_;
  const RotationLimits limits_;

  // Control loop only.
  Activity activity_ = Activity::kNone;
  Monotonic::time_point busy_since_{};
  ExternalIpCache cache_;
  std::vector<OnExternalIp> want_ip_;
  std::vector<OnStatus> want_status_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // The dongle's thread only, once it runs.
  std::unique_ptr<Driver> driver_;
  const ProbeIp probe_;
  const std::function<bool()> link_ready_;

  std::stop_source stop_;
  LoopThread thread_;  // Last: it uses all of the above.
};

}  // namespace airlane
