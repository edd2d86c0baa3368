#include "sim/leftovers.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include "sim/command.h"
#include "sim/wiring.h"

namespace airlane::sim {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kPoll{20};
constexpr int kPolls = 100;

Failure conflict(std::string text) { return {Failure::Kind::kConflict, std::move(text)}; }

bool is_alive(const std::string& process) {
  std::string name;
  std::getline(std::ifstream("/proc/" + process + "/comm"), name);
  return name == "airlane-sim";
}

// The names of ours that a dead simulator still holds.
Outcome<std::vector<std::string>> held_names(const Namespace& host,
                                             const std::set<std::string>& wanted) {
  const Inside inside(host);
  const auto shown = run({"ip", "-json", "link", "show"});
  if (!shown) return shown.error();
  const auto links = json::parse(*shown, nullptr, false);
  std::vector<std::string> held;
  if (!links.is_array()) return held;
  for (const auto& link : links) {
    const auto name = link.value("ifname", "");
    if (!wanted.contains(name)) continue;
    const auto alias = link.value("ifalias", "");
    if (!alias.starts_with(kAliasPrefix)) {
      return conflict("The interface " + name +
                      " exists and is no simulated dongle; choose other names with --prefix.");
    }
    const auto owner = alias.substr(kAliasPrefix.size());
    if (is_alive(owner)) {
      return conflict("The interface " + name + " belongs to a running airlane-sim (process " +
                      owner + "); stop it, or choose other names with --prefix.");
    }
    held.push_back(name);
  }
  return held;
}

}  // namespace

Outcome<Done> check_machine() {
  if (geteuid() != 0) {
    return Failure{Failure::Kind::kUnavailable,
                   "airlane-sim makes network namespaces: it must run as root."};
  }
  for (const char* tool : {"ip", "nft"}) {
    if (const auto ran = run({tool, "-V"}); !ran) {
      const std::string package = tool == std::string("ip") ? "iproute2" : "nftables";
      return Failure{Failure::Kind::kUnavailable,
                     ran.error().text + ". Install the package " + package + "."};
    }
  }
  return Done();
}

Outcome<Done> clear_leftovers(const Namespace& host, const std::string& prefix, int count) {
  std::set<std::string> wanted;
  for (int i = 0; i < count; ++i) wanted.insert(prefix + std::to_string(i));
  for (int poll = 0;; ++poll) {
    const auto held = held_names(host, wanted);
    if (!held) return held.error();
    if (held->empty()) return Done();
    if (poll < kPolls) {
      std::this_thread::sleep_for(kPoll);
      continue;
    }
    std::string batch;
    for (const auto& name : *held) batch += "link del " + name + "\n";
    if (auto ran = host.ip(batch); !ran) return ran;
  }
}

}  // namespace airlane::sim
