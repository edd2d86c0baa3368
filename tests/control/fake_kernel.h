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
    if (refuses) return Failure{Failure::Kind::kUnavailable, "No CAP_NET_ADMIN."};
    installed[plan.interface] = plan.table;
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

 private:
  std::optional<Watch::OnChange> on_change_;
  std::optional<Watch::OnOverrun> on_overrun_;
};

}  // namespace airlane::test
