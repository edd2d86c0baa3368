// A kernel that has the interfaces a test gives it, and says what happens to them when told to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/kernel.h"

namespace airlane::test {

inline Address ip(const std::string& text, std::uint16_t port = 0) {
  return *Address::parse(text, port);
}

// Plugged in, with the address and gateway that every HiLink dongle has.
inline EgressState hilink(int index = 7) {
  EgressState state;
  state.present = true;
  state.up = true;
  state.index = index;
  state.addresses = {ip("192.168.8.100")};
  state.gateway = ip("192.168.8.1");
  return state;
}

class FakeKernel final : public Kernel {
 public:
  Outcome<Done> watch(Watch::OnChange on_change, Watch::OnOverrun on_overrun) override {
    on_change_ = on_change;
    on_overrun_ = on_overrun;
    return Done{};
  }

  Outcome<EgressState> install(const EgressPlan& plan) override {
    if (refuses || plan.interface == refused)
      return Failure{Failure::Kind::kUnavailable, "No CAP_NET_ADMIN."};
    installed[plan.interface] = plan.table;
    order.push_back("install " + plan.interface);
    const auto found = interfaces.find(plan.interface);
    if (found != interfaces.end()) return found->second;
    EgressState absent;
    absent.why_not = "There is no interface " + plan.interface + ".";
    return absent;
  }

  Outcome<Done> remove(const EgressPlan& plan) override {
    installed.erase(plan.interface);
    return Done{};
  }

  Outcome<Done> remove_leftovers(std::span<const EgressPlan> keep) override {
    kept = keep.size();
    return Done{};
  }

  Outcome<std::vector<HostAddress>> addresses() override { return host; }

  Outcome<Done> check_looks(const Recipe&) override { return looks_are_possible(); }
  Outcome<Done> set_looks(std::uint32_t mark, const Recipe& recipe) override {
    if (auto possible = looks_are_possible(); !possible) return possible;
    looks[mark] = recipe;
    return Done{};
  }
  Outcome<int> attach_looks(const std::string& interface, std::uint8_t ttl) override {
    if (auto possible = looks_are_possible(); !possible) return possible.error();
    if (bare.contains(interface)) {
      return Failure{Failure::Kind::kUnavailable, "No looks for " + interface + "."};
    }
    // Before there is a route to leave by, or by one that is there already.
    const auto found = interfaces.find(interface);
    if (found == interfaces.end()) return 0;
    attached[interface] = ttl;
    order.push_back("attach " + interface);
    return found->second.index;
  }
  Outcome<Done> detach_looks(const std::string& interface) override {
    attached.erase(interface);
    order.push_back("detach " + interface);
    return Done{};
  }
  Outcome<FingerprintCounts> count_looks() override { return FingerprintCounts{}; }

  void lose(const std::string& interface) {
    Change change;
    change.kind = Change::Kind::kAddress;
    change.interface = interface;
    change.lost = true;
    (*on_change_)(change);
  }
  void gain(const std::string& interface) {
    Change change;
    change.interface = interface;
    (*on_change_)(change);
  }

  std::map<std::string, EgressState> interfaces;
  std::vector<HostAddress> host{{"lo", ip("127.0.0.1")}, {"eth0", ip("198.51.100.7")}};
  std::map<std::string, std::uint32_t> installed;  // Tables by interface.
  std::optional<std::size_t> kept;
  bool refuses = false;
  std::string refused;  // The one interface that it refuses.

  std::map<std::uint32_t, Recipe> looks;         // By mark.
  std::map<std::string, std::uint8_t> attached;  // The TTL of what has no mark, by interface.
  std::set<std::string> bare;                    // Interfaces that take no looks.
  std::string no_looks;                          // Why there are none at all; empty: there are.
  std::vector<std::string> order;                // What was done to interfaces.

 private:
  Outcome<Done> looks_are_possible() const {
    if (no_looks.empty()) return Done{};
    return Failure{Failure::Kind::kUnavailable, no_looks};
  }

  std::optional<Watch::OnChange> on_change_;
  std::optional<Watch::OnOverrun> on_overrun_;
};

}  // namespace airlane::test
