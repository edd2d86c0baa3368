#include "control/exit.h"

#include <algorithm>
#include <utility>

namespace airlane {
namespace {

constexpr std::uint16_t kDnsPort = 53;

bool same(const Egress& a, const Egress& b) {
  return a.up == b.up && a.has_v6 == b.has_v6 && a.dns_servers == b.dns_servers &&
         a.generation == b.generation;
}

bool contains(const std::vector<Address>& addresses, const Address& address) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const Address& one) { return one.same_ip(address); });
}

// Whether connections made under `before` cannot go on under `after`.
bool lost_something(const EgressState& before, const EgressState& after) {
  if (!before.up) return false;
  if (!after.up || after.index != before.index) return true;
  if (after.gateway != before.gateway) return true;
  return !std::all_of(before.addresses.begin(), before.addresses.end(),
                      [&](const Address& address) { return contains(after.addresses, address); });
}

}  // namespace

Exit::Exit(std::int64_t dongle, std::string interface, std::optional<Address> gateway,
           std::vector<Address> dns, std::uint64_t generation)
    : gateway_(gateway), dns_(std::move(dns)), generation_(generation) {
  Egress egress;
  egress.dongle = dongle;
  egress.interface = std::move(interface);
  egress.generation = generation_;
  egress_ = std::make_shared<const Egress>(std::move(egress));
}

bool Exit::see(EgressState seen) {
  if (lost_something(seen_, seen)) ++generation_;
  seen_ = std::move(seen);
  bool changed = false;
  for (const auto& gateway : {seen_.gateway, seen_.gateway_v6}) {
    if (gateway) changed |= forbid(*gateway);
  }
  for (const auto& address : seen_.addresses) changed |= forbid(address);
  return update() || changed;
}

bool Exit::lose() {
  ++generation_;
  seen_.up = false;
  return update();
}

bool Exit::hold(DongleState why) {
  ++generation_;
  held_ = why;
  return update();
}

bool Exit::release() {
  held_.reset();
  return update();
}

DongleState Exit::state() const {
  if (held_) return *held_;
  if (!present()) return DongleState::kAbsent;
  return egress_->up ? DongleState::kUp : DongleState::kDown;
}

std::string_view Exit::lacks() const {
  if (!seen_.up || !egress_->dns_servers.empty()) return {};
  return "There is nobody to ask for names, because the interface has no gateway (as with "
         "point-to-point links). Add the dongle with its name servers (--dns).";
}

bool Exit::update() {
  Egress egress;
  egress.dongle = egress_->dongle;
  egress.interface = egress_->interface;
  egress.dns_servers = dns_servers();
  egress.up = seen_.up && !seen_.addresses.empty() && !egress.dns_servers.empty() && !held_;
  egress.has_v6 = seen_.has_v6;
  egress.generation = generation_;
  if (same(egress, *egress_)) return false;
  egress_ = std::make_shared<const Egress>(std::move(egress));
  return true;
}

bool Exit::forbid(const Address& address) {
  if (contains(forbidden_, address)) return false;
  const auto is_past = [this](const Address& one) {
    return !contains(seen_.addresses, one) && one != seen_.gateway && one != seen_.gateway_v6;
  };
  if (forbidden_.size() >= kForbiddenMost) {
    const auto oldest = std::find_if(forbidden_.begin(), forbidden_.end(), is_past);
    if (oldest != forbidden_.end()) forbidden_.erase(oldest);
  }
  forbidden_.push_back(address);
  return true;
}

std::vector<Address> Exit::forbidden() const {
  auto all = forbidden_;
  if (gateway_) all.push_back(*gateway_);
  return all;
}

// Keeps the last known gateway in use while the dongle is away: its thread may still ask.
std::vector<Address> Exit::dns_servers() const {
  if (!dns_.empty()) return dns_;
  if (!seen_.gateway) return egress_->dns_servers;
  auto server = *seen_.gateway;
  server.set_port(kDnsPort);
  return {server};
}

}  // namespace airlane
