// Starts another program without giving it our descriptors, not even for a moment.
//
// The child of fork(2), vfork(2) and posix_spawn(3) has a copy of every descriptor until it has
// called exec. A socket that we close in that millisecond stays open there: its peer learns
// nothing, and epoll goes on telling us of a connection that is gone. So the child shares our
// descriptors (CLONE_FILES), changes none, and leaves with those up to the slot only: the slot is a
// descriptor that was reserved, with all below it, before there were others.
//
// Any thread; one at a time, the others wait.
#pragma once

#include <sys/types.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/result.h"

namespace airlane {

// The slot, and all that is free below it, as /dev/null: for good. At the start of the program;
// without it the first spawn() does it, and may have to take a slot further up.
void reserve_spawn_slot();
inline constexpr int kSpawnSlot = 63;  // The last of a word of the kernel's bitmap.

struct SpawnRequest {
  std::string path;
  std::vector<std::string> words;
  std::vector<std::string> environment;  // NAME=value
  int fd = -1;  // What the program gets beside the standard three: as spawn_slot(), or
  // as standard output and error. Then its input is /dev/null, its process group is its own, and it
  // ignores no signal.
  bool as_output = false;
};

// The new process, in which no signal is blocked.
Result<pid_t, std::error_code> spawn(SpawnRequest request);

// The number that a descriptor has in the new program, for its environment.
int spawn_slot();

}  // namespace airlane
