// The program: the command line, and behind `serve` the server.
//
// Whatever is wrong at the start is one sentence in the log and an exit status of sysexits(3). A
// process that was started to take over from a running one tells that one, too.
#include <sysexits.h>

#include <iostream>
#include <sstream>
#include <utility>

#include "base/log.h"
#include "cli/command_line.h"
#include "server/predecessor.h"
#include "server/program.h"
#include "server/server.h"
#include "server/start.h"

namespace airlane {
namespace {

int serve(const Config& config, ThisProgram program, std::unique_ptr<Predecessor> predecessor) {
  log::set_level(config.server.log);
  prepare_process();
  if (!may_change_routes()) {
    constexpr const char* kSentence =
        "Airlane needs CAP_NET_ADMIN to keep the dongles apart: start it as root or by "
        "its systemd unit.";
    log::error(kSentence);
    if (predecessor) predecessor->fail(kSentence);
    return EX_NOPERM;
  }
  const auto ran = Server(config, std::move(program), std::move(predecessor)).run();
  return ran ? EX_OK : exit_status(ran.error());
}

int run(int argc, const char* const* argv) {
  auto predecessor = Predecessor::from_environment();
  if (!predecessor) {
    log::error(predecessor.error().text);
    return exit_status(predecessor.error());
  }
  const auto program = this_program(argc, argv);
  const cli::Serve serving = [&](const Config& config) {
    return serve(config, program, *std::move(predecessor));
  };
  if (!*predecessor) return cli::run(argc, argv, serving);
  // What is wrong with the configuration is for the predecessor, too.
  std::ostringstream problems;
  const int status = cli::run({argv + 1, argv + argc}, serving, {std::cin, std::cout, problems});
  std::cerr << problems.str();
  if (*predecessor) (*predecessor)->fail(problems.str());
  return status;
}

}  // namespace
}  // namespace airlane

int main(int argc, char** argv) { return airlane::run(argc, argv); }
