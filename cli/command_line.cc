#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cli/local.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 done, 1 the server said no, 2 wrong usage, 3 rotated but the new\n"
    "external IP is not known, 69 no server, 75 another process has what `serve`\n"
    "needs, 77 `serve` may not change routes, 78 bad configuration; docs/operating.md\n"
    "has all. `airlane COMMAND --help` says more.";

void describe(CLI::App& app) {
  app.set_version_flag("--version", "airlane " AIRLANE_VERSION, "Print the version");
  app.set_help_flag("-h,--help", "Print this");
  app.require_subcommand(0, 1);  // None is answered with the help, by hand.
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "airlane: " + std::string(error.what()) + "\n`--help` says what there is.\n";
  });
  app.get_formatter()->column_width(26);
}

}  // namespace

int run(int argc, const char* const* argv, const Serve& serve) {
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), serve,
             {std::cin, std::cout, std::cerr});
}

int run(const std::vector<std::string>& words, const Serve& serve, Streams streams) {
  Invocation here{streams};
  CLI::App app("Airlane turns 4G dongles into proxies.", "airlane");
  describe(app);
  add_local_commands(app, serve, here);
  add_user_commands(app, here);
  add_dongle_commands(app, here);
  add_proxy_commands(app, here);
  add_metrics_command(app, here);
  add_upgrade_command(app, here);
  app.footer(kFooter);  // Last: subcommands take over what is set before them.
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {  // A request for help is one too.
    return app.exit(error, streams.out, streams.err) == 0 ? kDone : kUsage;
  }
  if (here.action) return here.action();
  streams.err << app.help();  // Of the last command that was named.
  return kUsage;
}

}  // namespace airlane::cli
