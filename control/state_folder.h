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

// The same folder with the lock of a predecessor, which is ours as soon as that closes its own
// copy; kInvalid when the lock is that of another folder.
Outcome<UniqueFd> adopt_state_folder(const std::string& folder, UniqueFd lock);
// Names this process in the sentence about who has the folder.
void sign_state_folder(int lock);

// The rules and tables of this network namespace, which two servers would take from each other.
// Ours for as long as the descriptor is open; kConflict when another server has them.
Outcome<UniqueFd> take_network();

}  // namespace airlane
