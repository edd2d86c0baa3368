// What one proxy may use of the machine and of the mobile connection: values, part of the World.
//
// 0, or an empty list, means "without a limit". What these limits are held against while the proxy
// runs (how many connections, how much of this second) is its Gate.
#pragma once

#include <cstdint>
#include <optional>
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

  bool operator==(const DestinationRule&) const = default;
};

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
