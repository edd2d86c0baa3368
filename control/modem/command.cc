#include "control/modem/command.h"

#include <vector>

#include "base/log.h"
#include "control/modem/options.h"
#include "control/modem/process.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kTimeout{60};
constexpr std::chrono::seconds kTimeoutMost{150};  // A rotation as a whole has 165 s.
constexpr std::array kActions = {"rotate", "reboot", "status"};

using Words = std::vector<std::string>;

std::string last_line(std::string_view output) {
  const auto end = output.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return "it printed nothing";
  output = output.substr(0, end + 1);
  return log::printable(output.substr(output.rfind('\n') + 1));
}

class Command : public Driver {
 public:
  Command(const DriverConfig& config, std::map<std::string, Words> actions,
          std::chrono::milliseconds timeout)
      : actions_(std::move(actions)) {
    program_.timeout = timeout;
    program_.environment = {{"AIRLANE_DONGLE", config.dongle},
                            {"AIRLANE_INTERFACE", config.interface},
                            {"AIRLANE_GATEWAY", gateway_of(config)},
                            {}};
  }

  [[nodiscard]] bool can_rotate() const override { return actions_.contains("rotate"); }
  Outcome<Done> rotate(const Stop& stop) override { return rotate_again(1, stop); }
  Outcome<Done> rotate_again(int attempt, const Stop& stop) override {
    return act("rotate", stop, attempt);
  }
  Outcome<Done> reboot(const Stop& stop) override { return act("reboot", stop); }
  Outcome<ModemStatus> status(const Stop& stop) override {
    if (const auto done = act("status", stop); !done) return done.error();
    ModemStatus up;
    up.connected = true;
    return up;
  }

 private:
  static std::string gateway_of(const DriverConfig& config) {
    return config.gateway.same_ip(Address()) ? "" : config.gateway.ip();
  }

  Outcome<Done> act(const std::string& action, const Stop& stop, int attempt = 1) {
    const auto words = actions_.find(action);
    if (words == actions_.end()) {
      return Failure{Failure::Kind::kUnavailable,
                     "This dongle has no program for this: set option \"" + action + "\"."};
    }
    program_.words = words->second;
    program_.environment.back() = {"AIRLANE_ATTEMPT", std::to_string(attempt)};
    const auto ending = run_program(program_, stop);
    if (!ending) return ending.error();
    if (ending->code == 0) return Done{};
    return Failure{Failure::Kind::kUnavailable, program_.words[0] + " ended with code " +
                                                    std::to_string(ending->code) + ": " +
                                                    last_line(ending->output)};
  }

  std::map<std::string, Words> actions_;
  Program program_;  // The attempt is the last of its environment.
};

}  // namespace

MadeDriver make_command(const DriverConfig& config) {
  std::map<std::string, Words> actions;
  for (const char* action : kActions) {
    const auto line = config.options.find(action);
    if (line == config.options.end()) continue;
    auto words = split_words(line->second);
    const auto complaint = "Option \"" + std::string(action) + "\": ";
    if (!words) return Failure{words.error().kind, complaint + words.error().text};
    if (!(*words)[0].starts_with('/')) {
      return Failure{Failure::Kind::kInvalid, complaint + "the program needs its whole path."};
    }
    actions[action] = *std::move(words);
  }
  if (actions.empty()) {
    return Failure{Failure::Kind::kInvalid,
                   "Driver \"command\" needs at least one of the options rotate, reboot, status."};
  }
  const auto timeout = duration_option(config.options, "timeout", kTimeout, kTimeoutMost);
  if (!timeout) return timeout.error();
  return std::unique_ptr<Driver>(new Command(config, std::move(actions), *timeout));
}

}  // namespace airlane
