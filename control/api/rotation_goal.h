// Which address a caller wants of a rotation: what may be written for until, tries and hours, and
// what it means. The contract's options know nothing of it; without these there is no goal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "control/api/call.h"

namespace airlane::api {

inline constexpr std::int64_t kTries = 3;
inline constexpr std::int64_t kTriesMost = 10;
inline constexpr std::int64_t kHours = 24;
inline constexpr std::int64_t kHoursMost = 720;

struct GoalWish {
  std::optional<std::string> until;  // Absent: any.
  std::optional<std::int64_t> tries;
  std::optional<std::int64_t> hours;
};
struct WrongWish {
  std::string_view field;
  std::string must;  // What it must be, or come together with.
};
Result<RotationGoal, WrongWish> goal_of(const GoalWish& wish);

// From the options of the call. Absent when they make no sense; then it is answered.
std::optional<RotationGoal> read_goal(const Call& call);

inline bool has_goal(const RotationGoal& goal) { return goal.until != RotationGoal::Until::kAny; }
// What an answer says of a goal and how it ended.
void tell_of_goal(Json& body, const Rotated& rotated);

}  // namespace airlane::api
