// What must hold before a farm can be made: the right to, the tools for it, and free names.
#pragma once

#include <string>

#include "base/result.h"
#include "sim/namespace.h"

namespace airlane::sim {

// Root, `ip` and `nft`.
Outcome<Done> check_machine();

// Frees the names PREFIX0 to PREFIX(count-1): waits for host ends of a dead airlane-sim to go, then
// removes them. Those of a living one, and interfaces that are not ours, are left alone and are a
// failure.
Outcome<Done> clear_leftovers(const Namespace& host, const std::string& prefix, int count);

}  // namespace airlane::sim
