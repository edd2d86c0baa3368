#include "sim/leftovers.h"

#include <unistd.h>

#include <algorithm>
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

struct Held {
  std::string name;
  std::string owner;  // A process; empty when the interface is not ours.
};

Outcome<std::vector<Held>> held_names(const Namespace& host, const std::set<std::string>& wanted) {
  const Inside inside(host);
  const auto shown = run({"ip", "-json", "link", "show"});
  if (!shown) return shown.error();
  const auto links = json::parse(*shown, nullptr, false);
  std::vector<Held> held;
  if (!links.is_array()) return held;
  for (const auto& link : links) {
    const auto name = link.value("ifname", "");
    if (!wanted.contains(name)) continue;
    const auto alias = link.value("ifalias", "");
    const bool ours = alias.starts_with(kAliasPrefix);
    held.push_back({name, ours ? alias.substr(kAliasPrefix.size()) : ""});
  }
  return held;
}

// Removes what dead simulators left; whatever else holds a name is in the way.
Outcome<Done> remove(const Namespace& host, const std::vector<Held>& held) {
  std::string batch;
  for (const auto& [name, owner] : held) {
    if (owner.empty()) {
      return conflict("The interface " + name +
                      " exists and is no simulated dongle; choose other names with --prefix.");
    }
    if (is_alive(owner)) {
      std::string text("The interface ");
      text.append(name).append(" belongs to a running airlane-sim (process ").append(owner);
      return conflict(text + "); stop it, or choose other names with --prefix.");
    }
    batch.append("link del ").append(name).append("\n");
  }
  return host.ip(batch);
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
    const bool wait = std::ranges::all_of(*held, [](auto& one) { return !one.owner.empty(); });
    if (!wait || poll == kPolls) return remove(host, *held);
    std::this_thread::sleep_for(kPoll);  // A killed simulator takes a moment to die.
  }
}

}  // namespace airlane::sim
