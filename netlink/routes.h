// Routes: what the kernel has, and how to add or take away one.
//
// A Route compares equal to what the kernel reports for it, so that "is it there already?" is a
// comparison, and nothing has to be deleted to be sure. Routes of several hops, and IPv4 routes
// whose gateway is an IPv6 address, are read as routes through no interface: we make neither.
#pragma once

#include <linux/rtnetlink.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

class RtnlSocket;

// Who made a route or a rule, as `ip route` shows it: "proto 65". Ours, and nobody else's.
inline constexpr std::uint8_t kOurProtocol = 65;

// The kernel's own choice for IPv6, spelt out so that what we ask for is what it reports.
inline constexpr std::uint32_t kUsualV6Metric = 1024;

struct Route {
  int family = AF_INET;
  std::uint32_t table = RT_TABLE_MAIN;
  std::uint8_t type = RTN_UNICAST;
  std::uint8_t scope = RT_SCOPE_UNIVERSE;
  std::uint8_t protocol = kOurProtocol;
  std::uint8_t tos = 0;
  Address destination;  // With `prefix` 0: the default route, whatever stands here.
  unsigned prefix = 0;
  std::uint32_t metric = 0;
  int link_index = 0;  // 0: leads nowhere, or to several places.
  std::optional<Address> gateway;
  std::optional<Address> source;

  [[nodiscard]] bool is_default() const { return prefix == 0 && type == RTN_UNICAST; }
  [[nodiscard]] std::string to_string() const;  // As `ip route` would write it, roughly.
  bool operator==(const Route&) const = default;
};

// All routes of one family; of one table, or, with 0, of all tables.
Outcome<std::vector<Route>> read_routes(RtnlSocket& socket, int family, std::uint32_t table);

// Adds, or takes the place of the route with the same table, destination and metric in one step:
// there is no moment without one.
Outcome<Done> put_route(RtnlSocket& socket, const Route& route);
Outcome<Done> delete_route(RtnlSocket& socket, const Route& route);  // Gone already: fine.

// The best default route of the main table through this interface: what a DHCP client or a router
// advertisement left there. Its `gateway` is empty for a route straight out of the interface.
Outcome<std::optional<Route>> main_default_route(RtnlSocket& socket, int family, int link_index);

// RTM_NEWROUTE and RTM_DELROUTE.
std::optional<Route> decode_route(nlmsghdr& message);

}  // namespace airlane
