// The running program: what it was started as, and how to start it once more from the disk.
//
// Called on the main thread; `remember_program` once, before anything changes the folder or the
// environment.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace airlane {

struct ThisProgram {
  std::string path;                // Absolute; links in it stay, so that they may be switched over.
  std::vector<std::string> words;  // The arguments, the name of the program first.
};

ThisProgram this_program(int argc, const char* const* argv);

// Starts the file that is at `path` now, with the same arguments and this environment, where
// `variable` is the number that `fd` has over there; it gets no other but the standard three. The
// process is a child until it forks itself free; see detach().
Outcome<pid_t> start_again(const ThisProgram& program, const char* variable, int fd);

// In the new process, before it has threads: goes on as a child of init (or of the supervisor who
// adopts orphans), while the process that `start_again` started ends.
Outcome<Done> detach();

// Waits for a child of ours that is about to end; the exit status, or 128 and the signal.
int reap(pid_t child);

}  // namespace airlane
