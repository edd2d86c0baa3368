// What should be in a dongle's table, worked out from what the kernel says about its interface.
//
// No I/O in `plan_routes`: facts in, routes and a verdict out. egress_table.cc makes it so.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "netlink/addresses.h"
#include "netlink/egress_table.h"
#include "netlink/links.h"
#include "netlink/routes.h"

namespace airlane {

inline constexpr std::array<int, 2> kFamilies{AF_INET, AF_INET6};

// What the kernel said about one interface. The default routes are those of the main table.
struct EgressFacts {
  std::optional<Link> link;
  std::vector<InterfaceAddress> addresses;
  std::optional<Route> main_default;
  std::optional<Route> main_default_v6;
};

struct WantedRoutes {
  std::vector<Route> routes;  // Networks first: the kernel accepts a gateway only inside of one.
  EgressState state;
};

WantedRoutes plan_routes(const EgressPlan& plan, const EgressFacts& facts);

// The last resort, which is there with or without the interface.
Route unreachable_default(int family, std::uint32_t table);

}  // namespace airlane
