// The addresses of this host's interfaces, at the moment of the call. Snapshots, like the links.
#pragma once

#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"

struct nlmsghdr;

namespace airlane {

class RtnlSocket;

struct InterfaceAddress {
  int link_index = 0;
  Address ip;
  unsigned prefix = 0;
  bool global = false;  // Of global scope, and not (or no longer) under duplicate detection.

  // The network that the address lies in, host bits cleared.
  [[nodiscard]] Address network() const;
  [[nodiscard]] bool network_contains(const Address& other) const;
  bool operator==(const InterfaceAddress&) const = default;
};

// Every address, of both families; of one interface, or, with 0, of all, loopback included.
Outcome<std::vector<InterfaceAddress>> read_addresses(RtnlSocket& socket, int link_index = 0);

// RTM_NEWADDR and RTM_DELADDR.
std::optional<InterfaceAddress> decode_address(nlmsghdr& message);

// `ip` with everything behind the first `prefix` bits cleared.
Address masked(const Address& ip, unsigned prefix);

}  // namespace airlane
