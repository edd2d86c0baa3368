// The subcommands, by the thing they are about; most are one call of the admin API each.
#pragma once

#include "cli/invocation.h"

namespace airlane::cli {

void add_user_commands(CLI::App& app, Invocation& here);
void add_dongle_commands(CLI::App& app, Invocation& here);
void add_proxy_commands(CLI::App& app, Invocation& here);
void add_top_command(CLI::App& proxy, Invocation& here);  // proxy top
void add_credential_commands(CLI::App& app, Invocation& here);
void add_key_commands(CLI::App& app, Invocation& here);
void add_schedule_commands(CLI::App& app, Invocation& here);
void add_rotation_commands(CLI::App& app, Invocation& here);  // rotate, reboot, job
void add_fingerprint_commands(CLI::App& app, Invocation& here);
void add_metrics_command(CLI::App& app, Invocation& here);
void add_upgrade_command(CLI::App& app, Invocation& here);
void add_doctor_command(CLI::App& app, Invocation& here);
void add_backup_command(CLI::App& app, Invocation& here);
void add_transfer_commands(CLI::App& app, Invocation& here);  // export, import

}  // namespace airlane::cli
