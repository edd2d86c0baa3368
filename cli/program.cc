#include "cli/program.h"

#include <CLI/CLI.hpp>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/local.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 done but not as wanted, 69 no\n"
    "server, 78 bad configuration. `COMMAND --help` and docs/operating.md say more.";

void describe(CLI::App& app, Invocation& here) {
  app.set_version_flag("--version", "airlane " AIRLANE_VERSION, "Print the version");
  set_help(app);
  app.require_subcommand(0, 1);  // None is answered with the help, by hand.
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "airlane: " + std::string(error.what()) + "\n`--help` says what there is.\n";
  });
  add_connection_options(app, here.connection);
  app.fallthrough();  // Of every command, so that these options may follow it.
}

}  // namespace

std::unique_ptr<CLI::App> make_program(const Serve& serve, Invocation& here) {
  auto app = std::make_unique<CLI::App>("Airlane turns 4G dongles into proxies", "airlane");
  describe(*app, here);
  add_local_commands(*app, serve, here);
  add_user_commands(*app, here);
  add_dongle_commands(*app, here);
  add_proxy_commands(*app, here);
  add_credential_commands(*app, here);
  add_key_commands(*app, here);
  add_schedule_commands(*app, here);
  add_fingerprint_commands(*app, here);
  add_rotation_commands(*app, here);
  add_metrics_command(*app, here);
  add_upgrade_command(*app, here);
  add_doctor_command(*app, here);
  add_backup_command(*app, here);
  add_transfer_commands(*app, here);
  add_completion_command(*app, here);
  app->footer(kFooter);  // Last: commands take over what is set before them.
  return app;
}

}  // namespace airlane::cli
