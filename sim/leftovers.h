// What must hold before a farm can be made: the right to, the tools for it, and free names.
#pragma once

#include <string>

#include "base/result.h"
#include "sim/namespace.h"

namespace airlane::sim {

// Root, `ip` and `nft`.
Outcome<Done> check_machine();

// Frees the names PREFIX0 to PREFIX(count-1). Waits up to 2 s for a simulator that was killed a
// moment ago, then removes what a dead one left. A name that a living one or somebody else holds is
// a failure, and is left alone.
Outcome<Done> clear_leftovers(const Namespace& host, const std::string& prefix, int count);

}  // namespace airlane::sim
