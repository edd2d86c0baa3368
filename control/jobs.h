// What was ordered of the dongles: each rotation and each reboot is a job, whoever wanted it, from
// the order to its end.
//
// A job is written to the store when it begins and when it ends, and of each dongle the newest
// `[rotation] jobs` are kept. One that runs when the process ends is found by the next one, which
// calls it failed. A dongle has one running job at most.
//
// Times are the wall clock's when the job begins and the monotonic one's from there: whoever sets
// the clock makes no job longer or shorter. A member of the farm, control thread only; every `then`
// is called on the control thread, never inside the call that took it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/event/loop.h"
#include "base/result.h"
#include "control/rotation.h"
#include "control/scheduler.h"
#include "db/jobs.h"
#include "db/store.h"

namespace airlane {

// Who wants a rotation or a reboot.
enum class JobCause : std::uint8_t { kApi, kLink, kSchedule, kAdmin };
std::string_view to_string(JobCause cause) noexcept;
std::string_view to_string(RotationGoal::Until until) noexcept;  // Empty: any.

class Jobs {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;
  enum class Action : std::uint8_t { kRotate, kReboot };
  struct Order {
    Action action = Action::kRotate;
    std::int64_t proxy = 0;
    std::int64_t user = 0;
    std::int64_t dongle = 0;
    JobCause cause = JobCause::kApi;
    RotationGoal::Until until = RotationGoal::Until::kAny;
  };
  // How the rotations of a dongle have ended since the start; for metrics.
  struct Tally {
    std::uint64_t changed = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t unknown = 0;  // It rotated, but an address is not known.
    std::uint64_t failed = 0;
    std::chrono::milliseconds took{};  // All of them together.
  };

  Jobs(Loop& loop, Store& store, Clocks clocks, unsigned most);
  Jobs(Jobs&&) = delete;

  // Ends what a process before this one has left; once, before the first job.
  Outcome<Done> load();

  // The new job's id. Its dongle must have none that runs.
  std::int64_t begin(const Order& order);
  // Its dongle goes on after so many attempts.
  void tried(std::int64_t dongle, int attempts);
  // What the dongle's thread made of its job.
  void end(std::int64_t dongle, const RotationResult& result);

  void forget_dongle(std::int64_t dongle) { tallies_.erase(dongle); }
  [[nodiscard]] Tally tally(std::int64_t dongle) const;

  // When all that has begun by now is on the disk.
  void when_kept(const Then<Done>& then);
  void find(std::int64_t id, Then<std::optional<JobRecord>> then);
  // The newest first.
  void list(JobFilter filter, Then<std::vector<JobRecord>> then);

 private:
  struct Running {
    JobRecord job;
    Monotonic::time_point since;
  };

  void write(const JobRecord& job);
  void count(const JobRecord& job);
  // As it is by now.
  [[nodiscard]] JobRecord current(const Running& running) const;
  [[nodiscard]] JobRecord current(JobRecord stored) const;

  Loop& loop_;
  Store& store_;
  const Clocks clocks_;
  const std::int64_t most_;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, Running> running_;  // By dongle.
  std::map<std::int64_t, Tally> tallies_;    // By dongle.
};

}  // namespace airlane
