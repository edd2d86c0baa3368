// What the data path is told: an immutable picture of every proxy, every way out and every rule.
//
// Made by the control plane, published to the workers as shared_ptr<const World>, replaced as a
// whole when anything changes and never modified. A proxy or an egress that did not change is the
// same object in the next World, so a session that holds one keeps a few hundred bytes alive, not a
// whole picture. Nothing in here is a call upwards; what goes up is counted (count.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/port_range.h"
#include "base/tls/server_context.h"
#include "proxy/gate.h"
#include "proxy/limits.h"
#include "proxy/looks.h"

namespace airlane {

// How a proxy's source whitelist is read. With an empty list all three mean the same: any source,
// with a password.
enum class WhitelistMode : std::uint8_t {
  kBypass,    // A listed source needs no password; any other does.
  kRestrict,  // A source must be listed, and bring the password.
  kOnly,      // The list alone decides.
};

// How to leave by one dongle, or that it is not possible now.
struct Egress {
  std::int64_t dongle = 0;
  std::string interface;
  bool up = false;                   // False: connections are refused with kNoEgress.
  bool has_v6 = false;               // There is a global IPv6 address on the interface.
  std::vector<Address> dns_servers;  // With their port; at least one when `up`.
  // Raised whenever connections that leave by this dongle must end: at rotation, and when the
  // link, its address or its route went away. Sessions of an older generation are closed.
  std::uint64_t generation = 0;
};

// Whom a public port admits, and what for: the proxy itself, or an extra credential of it.
struct Account {
  std::int64_t id = 0;  // The proxy's; of a credential negative: as whose its bytes are stored.
  std::string username;
  std::string password;
  std::vector<Cidr> whitelist;
  WhitelistMode whitelist_mode = WhitelistMode::kBypass;
  std::optional<WallSeconds> in_use_from;  // Absent: since ever.
  std::optional<WallSeconds> in_use_till;  // Absent: for ever.
  std::uint32_t counter_row = 0;           // Where its bytes are counted; see count.h.
  Limits limits{};
  // How much of them is in use: the one part of the picture that lives. Never null.
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();

  bool operator==(const Account&) const = default;
};

inline const LimitNames& limit_names(const Account& account) noexcept {
  return account.id < 0 ? kCredentialLimits : kProxyLimits;
}

// One proxy: an account, where it leads, and who else may come in by it. What comes in by a
// credential is counted for both and keeps to the limits of both.
struct ProxyPort : Account {
  std::uint16_t port = 0;
  std::int64_t dongle = 0;
  Looks looks{};
  std::uint32_t targets_kept = 0;  // How many of its targets a day tells apart; 0: none.
  std::vector<std::shared_ptr<const Account>> credentials{};  // Few; mostly none.

  bool operator==(const ProxyPort&) const = default;
};

// Where no customer may go; see the design's second promise. `never` outranks `allow`.
struct Destinations {
  std::vector<Cidr> allow{};               // Inside, but allowed by the configuration.
  std::vector<Address> own{};              // The addresses of this host, dongles' apart.
  std::vector<Address> never{};            // The dongles' own addresses and their gateways.
  std::vector<PortRange> denied_ports{};   // Everywhere, unless a rule of the proxy allows them.
  std::vector<std::uint16_t> own_ports{};  // Where we listen: not to be reached on this host.

  bool operator==(const Destinations&) const = default;
};

// What ALPN may choose behind `World::tls`, our favourite first.
inline constexpr std::string_view kTlsProtocols[] = {"h2", "http/1.1"};

struct World {
  std::map<std::uint16_t, std::shared_ptr<const ProxyPort>> ports;           // By public port.
  std::unordered_map<std::int64_t, std::shared_ptr<const Egress>> egresses;  // By dongle.
  std::shared_ptr<const Destinations> destinations;
  std::shared_ptr<const TlsServerContext> tls;  // Null: clients that begin with TLS are refused.
};

}  // namespace airlane
