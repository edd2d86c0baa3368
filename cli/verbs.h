// The subcommands that are one call of the admin API each, by the thing they are about.
#pragma once

#include "cli/invocation.h"

namespace airlane::cli {

void add_user_commands(CLI::App& app, Invocation& here);
void add_dongle_commands(CLI::App& app, Invocation& here);
void add_proxy_commands(CLI::App& app, Invocation& here);  // And rotate, reboot.
void add_metrics_command(CLI::App& app, Invocation& here);
void add_upgrade_command(CLI::App& app, Invocation& here);

}  // namespace airlane::cli
