// The subcommands that need no server: serve, check-config, settings.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "cli/invocation.h"

namespace airlane::cli {

void add_local_commands(CLI::App& app, const Serve& serve, Invocation& here);

// The configuration, or nothing after saying every problem with it, a line each.
std::optional<Config> load_or_complain(const std::string& path, std::ostream& err);

}  // namespace airlane::cli
