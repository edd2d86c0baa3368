#include "control/api/rotation_goal.h"

#include <utility>

#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Until = RotationGoal::Until;

std::optional<Until> until_of(std::string_view text) {
  static constexpr std::pair<std::string_view, Until> kWords[] = {
      {"any", Until::kAny}, {"different", Until::kDifferent}, {"unused", Until::kUnused}};
  for (const auto& [word, until] : kWords) {
    if (text == word) return until;
  }
  return std::nullopt;
}

std::string must_be_within(std::int64_t most) {
  return "must be a number from 1 to " + std::to_string(most);
}

bool is_within(const std::optional<std::int64_t>& value, std::int64_t most) {
  return !value || (*value >= 1 && *value <= most);
}

// Absent: there is no such option. What is no number is one that is out of every bound.
std::optional<std::int64_t> number_or_nonsense(const Call& call, std::string_view name) {
  const std::string* const text = call.option(name);
  if (!text) return std::nullopt;
  return parse_whole(*text).value_or(-1);
}

}  // namespace

Result<RotationGoal, WrongWish> goal_of(const GoalWish& wish) {
  const auto until = until_of(wish.until.value_or("any"));
  if (!until) return WrongWish{"until", "must be any, different or unused"};
  if (!is_within(wish.tries, kTriesMost)) return WrongWish{"tries", must_be_within(kTriesMost)};
  if (!is_within(wish.hours, kHoursMost)) return WrongWish{"hours", must_be_within(kHoursMost)};
  if (wish.tries && *until == Until::kAny) {
    return WrongWish{"tries", "needs \"until\" to be different or unused"};
  }
  if (wish.hours && *until != Until::kUnused) {
    return WrongWish{"hours", "needs \"until\" to be unused"};
  }
  RotationGoal goal;
  goal.until = *until;
  if (!has_goal(goal)) return goal;
  goal.tries = static_cast<int>(wish.tries.value_or(kTries));
  if (*until == Until::kUnused) goal.hours = static_cast<int>(wish.hours.value_or(kHours));
  return goal;
}

std::optional<RotationGoal> read_goal(const Call& call) {
  GoalWish wish{.until = std::nullopt,
                .tries = number_or_nonsense(call, "tries"),
                .hours = number_or_nonsense(call, "hours")};
  if (const std::string* const until = call.option("until")) wish.until = *until;
  auto goal = goal_of(wish);
  if (goal) return *std::move(goal);
  call.detail(400,
              "The option \"" + std::string(goal.error().field) + "\" " + goal.error().must + ".");
  return std::nullopt;
}

void tell_of_goal(Json& body, const Rotated& rotated) {
  if (!rotated.reached) return;
  body["attempts"] = rotated.attempts;
  body["reached"] = *rotated.reached;
  if (!*rotated.reached) body["reason"] = rotated.reason;
}

}  // namespace airlane::api
