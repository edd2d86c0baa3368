// What `--help` prints: at most a screen of 24 lines and 80 columns, made from the commands.
//
// Usage names everything that must be said; what may be said follows, a line each. Commands of the
// program stand in two columns. Examples and notes are the footers of commands.
#pragma once

#include <CLI/App.hpp>

namespace airlane::cli {

// For the program and, as they take it over, all commands that are added later.
void set_help(CLI::App& app);

}  // namespace airlane::cli
