// What one proxy, or one of its credentials, may use of the machine and of the mobile connection:
// values, part of the World.
//
// 0, or an empty list, means "without a limit". What these limits are held against while the proxy
// runs (how many connections, how much of this second) is its Gate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/port_range.h"

namespace airlane {

// Bytes of both directions that may move until the period ends; the control plane begins the next.
struct Quota {
  std::uint64_t bytes = 0;
  // The sum of the proxy's counters (count.h, both directions, all workers) when the period began.
  std::uint64_t baseline = 0;

  bool operator==(const Quota&) const = default;
};

// The first rule that fits decides. Rules cannot open what lies inside; Limits::inside does.
struct DestinationRule {
  bool allow = false;
  std::optional<Cidr> network{};  // Absent: any address of both families.
  PortRange ports;
  // The client must have asked for this name, or for one below it: lower case, without a dot at
  // either end. Empty: for whatever it likes. Who asks for an address asks for no name.
  std::string suffix{};

  bool operator==(const DestinationRule&) const = default;
};

// What the limits are called in Error::during, where an answer and the access log say which it was.
struct LimitNames {
  const char* connections;
  const char* connections_per_source;
  const char* new_per_second;
  const char* quota;
  const char* destinations;
};
inline constexpr LimitNames kProxyLimits{"limit connections", "limit connections_per_source",
                                         "limit new_per_second", "limit quota",
                                         "limit destinations"};
inline constexpr LimitNames kCredentialLimits{
    "limit connections of the credential", "limit connections_per_source of the credential",
    "limit new_per_second of the credential", "limit quota of the credential",
    "limit destinations of the credential"};

struct Limits {
  unsigned connections = 0;                   // At the same time.
  unsigned connections_per_source = 0;        // The same, of one client address; see source_key.h.
  unsigned new_per_second = 0;                // Connections begun, on average over a second.
  std::uint64_t upload_bytes_per_second = 0;  // Towards the targets, all connections together.
  std::uint64_t download_bytes_per_second = 0;
  std::optional<Quota> quota{};
  std::vector<Cidr> inside{};  // Private or local networks that this proxy may reach.
  std::vector<DestinationRule> destinations{};

  bool operator==(const Limits&) const = default;
};

}  // namespace airlane
