// All commands of the program with their options, as one tree: it is parsed, described by --help
// and completed. Whoever adds a command adds it here.
#pragma once

#include <CLI/App.hpp>
#include <memory>

#include "cli/invocation.h"

namespace airlane::cli {

// Keeps both references.
std::unique_ptr<CLI::App> make_program(const Serve& serve, Invocation& here);

}  // namespace airlane::cli
