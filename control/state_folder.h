// The folder of the database and the counters, and the promise that nobody else uses it now: two
// servers on one folder would count the same bytes twice.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

// Made when it is not there, readable by its owner only. It is ours for as long as the descriptor
// is open; kill -9 gives it back too. kConflict when another process has it, kUnavailable when it
// cannot be made or written to.
Outcome<UniqueFd> take_state_folder(const std::string& folder);

}  // namespace airlane
