// Whether a rotation may begin now: the rule that change_ip and the admin API share. Two calls for
// one proxy are at least five seconds apart, and nobody rotates a dongle that is at it already.
#pragma once

#include <optional>
#include <string>

#include "control/api/call.h"

namespace airlane::api {

struct Refusal {
  std::int64_t seconds = 0;  // For Retry-After.
  std::string sentence;
};

// Absent when it may; the caller then says so to `context.throttle`.
std::optional<Refusal> refusal(const Context& context, const ProxyRecord& proxy);
// From acceptance until the farm has the order, nobody else may come between.
void prepare(Context& context, std::int64_t dongle);
void hand_over(Context& context, std::int64_t dongle);
// When the farm itself said that the dongle is busy.
Refusal still_running(const Context& context, std::int64_t dongle);

}  // namespace airlane::api
