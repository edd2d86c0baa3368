// Which addresses a customer may reach: the design's second promise, on the binary address, after
// resolution. A socket bound to a dongle still reaches this host by 0.0.0.0 and by the dongle's own
// address, so binding protects nobody; this check does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "proxy/world.h"

namespace airlane {

// Inside: loopback, private, link-local, shared (CGNAT), multicast, reserved and benchmarking
// networks of both families, and IPv6 forms that embed an IPv4 address (RFC 6890 and its registry).
bool is_inside(const Address& address) noexcept;

// "localhost" and every name below it (RFC 6761, section 6.3): not to be asked of anybody.
bool is_loopback_name(std::string_view host) noexcept;

// Whether `host` is `suffix` or ends in it label by label, whatever its capitals.
bool is_below(std::string_view host, std::string_view suffix) noexcept;

// A name as DestinationRule::suffix has it; nothing when it is none.
std::optional<std::string> read_suffix(std::string_view text);

enum class Reach : std::uint8_t {
  kAllowed,
  kInside,    // By steps 1, 2 and 4 below,
  kRuledOut,  // by step 3.
};

// Whether a customer of this proxy may send to that address and port; `name` is what he has asked
// for, empty when that was an address. In this order:
//   1. What `never` lists, 0.0.0.0/8 and :: nobody may reach; nor, on this host, our own ports.
//   2. What is inside or ours must lie in a network that everybody, or this proxy, may reach.
//   3. The first of the proxy's rules that fits decides.
//   4. The rest is allowed, but for `denied_ports`.
Reach reach(const Address& address, const Destinations& everybody, const Limits& proxy,
            std::string_view name = {}) noexcept;

inline bool may_reach(const Address& address, const Destinations& everybody, const Limits& proxy,
                      std::string_view name = {}) noexcept {
  return reach(address, everybody, proxy, name) == Reach::kAllowed;
}

// The third step alone: whether a rule denies it. For the rules of a credential, which hold besides
// those of its proxy.
bool rules_out(const Limits& limits, const Address& address, std::string_view name) noexcept;

// The third step before the name has an address: false when the rules deny it whatever that is, so
// that nobody is asked for it. A rule about networks that comes first leaves it open.
bool may_ask(std::string_view name, std::uint16_t port, const Limits& proxy) noexcept;

}  // namespace airlane
