// Where a client asks to be taken: a name or an IP literal, and a port.
//
// One strict grammar for CONNECT, absolute-form URIs, Host fields and SOCKS names, so that nothing
// is read one way here and another way by a resolver or by the target. What only inet_aton(3) would
// take for an address (0x7f.1, 2130706433, 017.0.0.1) is refused, not looked up. Whether the target
// may be reached is not decided here but on the resolved address.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

struct Target {
  // A name as the client wrote it, without the dot at its end; or the canonical text of `literal`,
  // without brackets.
  std::string host;
  std::optional<Address> literal;  // With the port. Absent: `host` must be resolved.
  std::uint16_t port = 0;

  // "example.com", "example.com:8080", "[2001:db8::1]:8080".
  [[nodiscard]] std::string to_host_header(std::uint16_t default_port = 80) const;
  [[nodiscard]] std::string to_string() const;  // The same, always with the port.
  // What was asked for by name; empty for a literal.
  [[nodiscard]] std::string_view name() const {
    return literal ? std::string_view() : std::string_view(host);
  }
  bool operator==(const Target&) const = default;
};

// "host:port", "host", "192.0.2.1:80", "[2001:db8::1]:443". Without a default the port is
// mandatory.
Result<Target> parse_authority(std::string_view text, std::optional<std::uint16_t> default_port);

// Whether parse_authority would take it, port optional; for Host fields, which are only checked.
bool is_authority(std::string_view text) noexcept;

// A host on its own, as in SOCKS: a name or a literal, IPv6 without brackets. Any port, even 0.
Result<Target> make_target(std::string_view host, std::uint16_t port);

}  // namespace airlane
