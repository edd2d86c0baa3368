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
#include "netlink/fingerprint/explain.h"
#include "netlink/fingerprint/presets.h"
#include "netlink/fingerprint/recipe.h"
#include "server/doctor.h"
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

Outcome<cli::Explanation> explain_fingerprint(std::string_view text) {
  const auto signature = read_fingerprint(text);
  if (!signature) return signature.error();
  const auto recipe = make_recipe(*signature);
  if (!recipe) return recipe.error();
  cli::Explanation explanation{to_string(*signature), {}, recipe->warnings, {}};
  for (auto& [field, written, meaning] : explain(*signature)) {
    explanation.fields.push_back({std::string(field), std::move(written), std::move(meaning)});
  }
  if (const auto possible = check_host(*recipe); !possible) {
    explanation.trouble = possible.error().text;
  }
  return explanation;
}

std::vector<cli::Finding> examine_host(const Config& config, const cli::Seen& seen) {
  Patient patient{seen.server};
  for (const auto& [proxy, text] : seen.fingerprints) patient.fingerprints.push_back({proxy, text});
  std::vector<cli::Finding> findings;
  for (auto& [state, about, text] : examine(config, patient)) {
    const auto same = state == Finding::State::kGood  ? cli::Finding::State::kGood
                      : state == Finding::State::kBad ? cli::Finding::State::kBad
                                                      : cli::Finding::State::kDoubtful;
    findings.push_back({same, std::move(about), std::move(text)});
  }
  return findings;
}

// What the command line may not reach for itself.
cli::Tools tools() {
  cli::Tools all{explain_fingerprint, {}, examine_host};
  for (const auto& preset : presets()) all.presets.emplace_back(preset.name, preset.signature);
  return all;
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
  if (!*predecessor) return cli::run(argc, argv, serving, tools());
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
