// The addresses of a dongle as both APIs tell them.
#pragma once

#include "control/api/call.h"

namespace airlane::api {

inline constexpr std::chrono::days kUniqueDays{14};

// `limit`: of the page; one more than that was asked for. Beginning with the addresses.
Json history_json(const AddressHistory& history, std::int64_t limit, WallSeconds now);

}  // namespace airlane::api
