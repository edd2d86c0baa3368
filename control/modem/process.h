// One run of an operator's program, from start to the end of its process group.
//
// No shell: the arguments are what was split, nothing is expanded. The program gets /dev/null as
// input, a small environment, no descriptor of ours and a process group of its own, which is killed
// at the deadline, on stop, and when the program has ended: nothing that it started outlives it.
// Blocks: the dongle's thread only.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "control/modem/driver.h"

namespace airlane {

// Words are divided by blanks; '...' and "..." keep blanks, a backslash keeps the next character
// (not within '...'). kInvalid when there is no word or a quote is left open.
Outcome<std::vector<std::string>> split_words(std::string_view line);

struct Program {
  std::vector<std::string> words;  // The first is the absolute path of the program.
  std::vector<std::pair<std::string, std::string>> environment;  // Beside PATH, HOME and LANG.
  std::chrono::milliseconds timeout{60'000};
};

struct Ending {
  int code = 0;        // As a shell has it: 128 + n after signal n.
  std::string output;  // Both streams, the last 64 KiB.
};

// kUnavailable when the program cannot be started, when time is up and when we are stopping.
Outcome<Ending> run_program(const Program& program, const Stop& stop);

}  // namespace airlane
