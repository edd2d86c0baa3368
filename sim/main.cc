// airlane-sim: a farm of simulated dongles with an internet behind them. Reads the command line,
// makes the farm, says what it made, and serves until SIGTERM or SIGINT.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/event/signal_event.h"
#include "base/log.h"
#include "sim/control.h"
#include "sim/report.h"

namespace airlane::sim {
namespace {

struct Options {
  FarmOptions farm;
  bool json = false;
  std::string control;
  std::string modem = "hilink";
  std::string offline = "reject";
  std::string offline_dns = "servfail";
  int rotate_ms = 800;
  int reboot_ms = 3000;
};

void add_options(CLI::App& up, Options& options) {
  auto& settings = options.farm.settings;
  up.add_option("--dongles", options.farm.dongles, "How many")
      ->check(CLI::Range(1, Farm::kDonglesMax))
      ->capture_default_str();
  up.add_option("--prefix", options.farm.prefix, "Interfaces are called PREFIX0, PREFIX1, ...")
      ->check([](const std::string& text) {
        const bool good =
            !text.empty() && text.size() <= 10 &&
            text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
        return good ? "" : std::string("1 to 10 of a-z, 0-9, - and _");
      })
      ->capture_default_str();
  up.add_option("--modem", options.modem, "What answers at 192.168.8.1")
      ->check(CLI::IsMember({"hilink", "none"}))
      ->capture_default_str();
  up.add_flag("--json", options.json, "Say what was made in one line of JSON");
  up.add_option("--control", options.control, "Unix socket that takes commands; see the manual");
  up.add_option("--rotate-ms", options.rotate_ms, "From reconnecting to the new address")
      ->check(CLI::Range(0, 3600000))
      ->capture_default_str();
  up.add_option("--reboot-ms", options.reboot_ms, "From vanishing to being back")
      ->check(CLI::Range(0, 3600000))
      ->capture_default_str();
  up.add_option("--same-ip", settings.same_ip, "Per cent of rotations that change nothing")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  up.add_option("--password", settings.password, "The API's user admin must log in with it");
  up.add_option("--offline", options.offline, "New connections while offline: ICMP or silence")
      ->check(CLI::IsMember({"reject", "drop"}))
      ->capture_default_str();
  up.add_option("--offline-dns", options.offline_dns, "The name server while offline")
      ->check(CLI::IsMember({"servfail", "silent"}))
      ->capture_default_str();
  up.add_option("--busy", settings.busy, "So many API calls answer 100004; -1: all of them")
      ->capture_default_str();
  up.add_flag("--ignore-writes", settings.ignore_writes, "The API says OK and does nothing");
  up.add_flag("--ipv6", options.farm.ipv6, "Dongles, modems and the internet have IPv6 as well");
  up.add_option("--seed", options.farm.seed, "Of the external addresses; 0: by the clock");
}

void finish_options(Options& options) {
  auto& settings = options.farm.settings;
  settings.rotate = std::chrono::milliseconds(options.rotate_ms);
  settings.reboot = std::chrono::milliseconds(options.reboot_ms);
  settings.offline_reject = options.offline == "reject";
  settings.offline_dns_fails = options.offline_dns == "servfail";
  options.farm.hilink = options.modem == "hilink";
  if (options.farm.seed == 0) {
    options.farm.seed = static_cast<std::uint32_t>(Wall::now().time_since_epoch().count());
  }
}

// A dongle takes six descriptors, and every connection one or two.
void raise_limits() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

class Stop {
 public:
  explicit Stop(Loop& loop)
      : loop_(loop),
        terminate_(loop, SIGTERM, Callback<void()>::to<&Stop::on_signal>(*this)),
        interrupt_(loop, SIGINT, Callback<void()>::to<&Stop::on_signal>(*this)) {}

 private:
  void on_signal() { loop_.stop(); }

  Loop& loop_;
  SignalEvent terminate_;
  SignalEvent interrupt_;
};

int fail(const std::string& why) {
  std::cerr << "airlane-sim: " << why << "\n";
  return 1;
}

int up(const Options& options) {
  raise_limits();
  Loop loop;
  const Stop stop(loop);
  auto farm = Farm::create(loop, options.farm);
  if (!farm) return fail(farm.error().text);
  std::optional<Control> control;
  if (!options.control.empty()) {
    auto listener = listen_unix(options.control);
    if (!listener) return fail(options.control + ": " + std::strerror(errno));
    control.emplace(loop, **farm, std::move(listener), options.control);
  }
  if (options.json) {
    std::cout << to_text(describe(**farm, options.control)) << std::endl;
  } else {
    std::cout << describe_to_person(**farm, options.control) << std::flush;
  }
  loop.run_forever();
  return 0;
}

}  // namespace
}  // namespace airlane::sim

int main(int argc, char** argv) try {
  airlane::sim::Options options;
  CLI::App app("Simulated 4G dongles, in network namespaces of their own.", "airlane-sim");
  app.require_subcommand(1);
  auto* up = app.add_subcommand("up", "Make a farm and serve until SIGTERM or Ctrl-C");
  airlane::sim::add_options(*up, options);
  CLI11_PARSE(app, argc, argv);
  airlane::sim::finish_options(options);
  return airlane::sim::up(options);
} catch (...) {
  // Out of memory, or out of what a library calls an exception: there is nothing to save.
  return 1;
}
