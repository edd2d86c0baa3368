#include "proxy/destination.h"

#include <algorithm>
#include <array>

#include "proxy/protocol/target.h"

namespace airlane {
namespace {

// RFC 6890 and the IANA special-purpose registries: everything that is not globally reachable.
const auto& inside() {
  static const std::array networks{
      Cidr::of("0.0.0.0/8"),      Cidr::of("10.0.0.0/8"),     Cidr::of("100.64.0.0/10"),
      Cidr::of("127.0.0.0/8"),    Cidr::of("169.254.0.0/16"), Cidr::of("172.16.0.0/12"),
      Cidr::of("192.0.0.0/24"),   Cidr::of("192.0.2.0/24"),   Cidr::of("192.88.99.0/24"),
      Cidr::of("192.168.0.0/16"), Cidr::of("198.18.0.0/15"),  Cidr::of("198.51.100.0/24"),
      Cidr::of("203.0.113.0/24"), Cidr::of("224.0.0.0/4"),    Cidr::of("240.0.0.0/4"),
      Cidr::of("2001::/23"),      Cidr::of("2001:db8::/32"),  Cidr::of("2002::/16"),
      Cidr::of("3fff::/20"),
  };
  return networks;
}

// Networks and an address, or ranges and a port.
template <class Sets, class Element>
bool any_contains(const Sets& sets, const Element& element) noexcept {
  return std::any_of(sets.begin(), sets.end(),
                     [&](const auto& set) { return set.contains(element); });
}

bool contains(const std::vector<std::uint16_t>& ports, std::uint16_t port) noexcept {
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

bool lists(const std::vector<Address>& list, const Address& address) noexcept {
  return std::any_of(list.begin(), list.end(),
                     [&](const Address& one) { return one.same_ip(address); });
}

// "This host": the kernel takes these for one of our own addresses.
bool is_unspecified(const Address& address) noexcept {
  static const auto v4 = Cidr::of("0.0.0.0/8");
  static const auto v6 = Cidr::of("::/128");
  return v4.contains(address) || v6.contains(address);
}

bool is_loopback(const Address& address) noexcept {
  static const auto v4 = Cidr::of("127.0.0.0/8");
  static const auto v6 = Cidr::of("::1/128");
  return v4.contains(address) || v6.contains(address);
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// But for its network.
bool fits(const DestinationRule& rule, std::string_view name, std::uint16_t port) noexcept {
  return rule.ports.contains(port) && (rule.suffix.empty() || is_below(name, rule.suffix));
}

// Null when none does.
const DestinationRule* first_fit(const Limits& limits, const Address& address,
                                 std::string_view name) noexcept {
  for (const auto& rule : limits.destinations) {
    const bool near = !rule.network || rule.network->contains(address);
    if (near && fits(rule, name, address.port())) return &rule;
  }
  return nullptr;
}

}  // namespace

bool is_inside(const Address& address) noexcept {
  // IANA has given out 2000::/3 and nothing else for global unicast.
  static const auto global = Cidr::of("2000::/3");
  if (!address.is_v4() && !global.contains(address)) return true;
  return any_contains(inside(), address);
}

bool is_loopback_name(std::string_view host) noexcept { return is_below(host, "localhost"); }

bool is_below(std::string_view host, std::string_view suffix) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < suffix.size()) return false;
  const auto rest = host.size() - suffix.size();
  const bool same =
      std::equal(suffix.begin(), suffix.end(), host.begin() + static_cast<std::ptrdiff_t>(rest),
                 [](char a, char b) { return a == lower(b); });
  return same && (rest == 0 || host[rest - 1] == '.');
}

std::optional<std::string> read_suffix(std::string_view text) {
  const auto target = make_target(text, 0);
  if (!target || target->literal) return std::nullopt;
  auto suffix = target->host;
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), lower);
  return suffix;
}

Reach reach(const Address& address, const Destinations& everybody, const Limits& proxy,
            std::string_view name) noexcept {
  if (is_unspecified(address) || lists(everybody.never, address)) return Reach::kInside;
  const bool ours = is_loopback(address) || lists(everybody.own, address);
  if (ours && contains(everybody.own_ports, address.port())) return Reach::kInside;
  if ((ours || is_inside(address)) && !any_contains(everybody.allow, address) &&
      !any_contains(proxy.inside, address)) {
    return Reach::kInside;
  }
  if (const auto* rule = first_fit(proxy, address, name)) {
    return rule->allow ? Reach::kAllowed : Reach::kRuledOut;
  }
  return any_contains(everybody.denied_ports, address.port()) ? Reach::kInside : Reach::kAllowed;
}

bool rules_out(const Limits& limits, const Address& address, std::string_view name) noexcept {
  const auto* const rule = first_fit(limits, address, name);
  return rule != nullptr && !rule->allow;
}

bool may_ask(std::string_view name, std::uint16_t port, const Limits& proxy) noexcept {
  for (const auto& rule : proxy.destinations) {
    if (fits(rule, name, port)) return rule.network || rule.allow;
  }
  return true;
}

}  // namespace airlane
