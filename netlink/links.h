// The network interfaces of this host, as the kernel knows them at the moment of the call.
//
// Snapshots: nothing is cached, because a dongle that is plugged in again has a new index under its
// old name. Keep names; ask for the index when it is needed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

struct nlmsghdr;

namespace airlane {

class RtnlSocket;

struct Link {
  int index = 0;
  std::string name;
  bool up = false;              // Administratively.
  bool running = false;         // It has a carrier, or cannot tell.
  bool point_to_point = false;  // No neighbours to resolve: a packet needs no gateway to leave.
  std::string mac;              // "0c:5b:8f:27:9a:64", or "". Twins share it: no identity.

  bool operator==(const Link&) const = default;
};

Outcome<std::vector<Link>> read_links(RtnlSocket& socket);
Outcome<std::optional<Link>> find_link(RtnlSocket& socket, const std::string& name);

// RTM_NEWLINK and RTM_DELLINK; nothing for what a bridge says about its ports.
std::optional<Link> decode_link(nlmsghdr& message);

}  // namespace airlane
