// Which addresses a customer may reach: the design's second promise, on the binary address, after
// resolution. A socket bound to a dongle still reaches this host by 0.0.0.0 and by the dongle's own
// address, so binding protects nobody; this check does.
#pragma once

#include <string_view>

#include "base/address.h"
#include "proxy/world.h"

namespace airlane {

// Inside: loopback, private, link-local, shared (CGNAT), multicast, reserved and benchmarking
// networks of both families, and IPv6 forms that embed an IPv4 address (RFC 6890 and its registry).
bool is_inside(const Address& address) noexcept;

// "localhost" and every name below it (RFC 6761, section 6.3): not to be asked of anybody.
bool is_loopback_name(std::string_view host) noexcept;

// Whether a customer of this proxy may send to that address and port. In this order:
//   1. What `never` lists, 0.0.0.0/8 and :: nobody may reach; nor, on this host, our own ports.
//   2. What is inside or ours must lie in a network that everybody, or this proxy, may reach.
//   3. The first of the proxy's rules that fits decides.
//   4. The rest is allowed, but for `denied_ports`.
bool may_reach(const Address& address, const Destinations& everybody, const Limits& proxy) noexcept;

}  // namespace airlane
