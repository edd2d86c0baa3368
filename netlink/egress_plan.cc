#include "netlink/egress_plan.h"

#include <algorithm>

namespace airlane {
namespace {

Route route_of(int family, const EgressPlan& plan, int link_index) {
  Route route;
  route.family = family;
  route.table = plan.table;
  route.link_index = link_index;
  route.scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  route.metric = family == AF_INET ? 0 : kUsualV6Metric;
  return route;
}

// IPv6 routes name no source: the kernel knows better than we which of several is not deprecated.
Route network_route(const EgressPlan& plan, const InterfaceAddress& address) {
  auto route = route_of(address.ip.family(), plan, address.link_index);
  route.destination = address.network();
  route.prefix = address.prefix;
  if (address.ip.is_v4()) route.source = address.ip;
  return route;
}

// Refuses at once what has no other route; see egress_table.h.
Route refusing_default(const EgressPlan& plan, int link_index) {
  auto route = route_of(AF_INET, plan, link_index);
  route.type = RTN_BROADCAST;
  route.metric = kSecondWorstMetric;
  return route;
}

// One interface and one family, on the way to its default route.
class FamilyPlan {
 public:
  FamilyPlan(int family, const EgressPlan& plan, const EgressFacts& facts)
      : family_(family), plan_(plan), link_(*facts.link) {
    for (const auto& address : facts.addresses) {
      const bool usable = address.ip.is_v4() || address.global;
      if (usable && address.ip.family() == family) addresses_.push_back(address);
    }
    main_default_ = family == AF_INET ? facts.main_default : facts.main_default_v6;
  }

  // Each network once, by its first address: that is the one the kernel prefers, too.
  [[nodiscard]] std::vector<Route> networks() const {
    std::vector<Route> routes;
    for (const auto& address : addresses_) {
      const auto route = network_route(plan_, address);
      const auto same = [&route](const Route& other) {
        return other.prefix == route.prefix && other.destination == route.destination;
      };
      if (address.prefix == address.ip.size() * 8) continue;  // A network of itself alone.
      if (std::none_of(routes.begin(), routes.end(), same)) routes.push_back(route);
    }
    return routes;
  }

  [[nodiscard]] std::optional<Route> default_route(std::string& why_not) const {
    const auto* own = first_global();
    if (own == nullptr) return no_way("has no address", why_not);
    auto route = route_of(family_, plan_, link_.index);
    if (link_.point_to_point) return with_source(route, *own);
    const auto gateway = choose_gateway(*own);
    if (!gateway && !main_default_) return no_way("has no gateway", why_not);
    if (!gateway) return with_source(route, *own);
    const auto* near = address_beside(*gateway);
    if (near == nullptr) {
      return no_way("has no address in the network of the gateway " + gateway->ip(), why_not);
    }
    route.gateway = gateway;
    route.scope = RT_SCOPE_UNIVERSE;
    return with_source(route, *near);
  }

 private:
  std::optional<Route> no_way(const std::string& reason, std::string& why_not) const {
    why_not = "The interface " + link_.name + " " + reason + ".";
    return std::nullopt;
  }

  [[nodiscard]] static Route with_source(Route route, const InterfaceAddress& own) {
    if (own.ip.is_v4()) route.source = own.ip;
    return route;
  }

  [[nodiscard]] const InterfaceAddress* first_global() const {
    const auto found = std::find_if(addresses_.begin(), addresses_.end(),
                                    [](const InterfaceAddress& one) { return one.global; });
    return found == addresses_.end() ? nullptr : &*found;
  }

  // Whoever is at a link-local address is beside every address of the interface.
  [[nodiscard]] const InterfaceAddress* address_beside(const Address& gateway) const {
    const bool link_local = !gateway.is_v4() && masked(gateway, 10) == *Address::parse("fe80::");
    if (link_local) return first_global();
    const auto found =
        std::find_if(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& one) {
          return one.network_contains(gateway) && !one.ip.same_ip(gateway);
        });
    return found == addresses_.end() ? nullptr : &*found;
  }

  [[nodiscard]] std::optional<Address> choose_gateway(const InterfaceAddress& own) const {
    if (plan_.gateway && plan_.gateway->family() == family_) {
      auto gateway = *plan_.gateway;
      gateway.set_port(0);
      return gateway;
    }
    if (main_default_) return main_default_->gateway;
    return family_ == AF_INET ? first_host(own) : std::nullopt;
  }

  // The customary place of a router: 192.168.8.1. If that is ourselves, the next.
  [[nodiscard]] static std::optional<Address> first_host(const InterfaceAddress& own) {
    if (own.prefix >= 32) return std::nullopt;
    const unsigned first = own.prefix == 31 ? 0 : 1;
    for (unsigned host = first; host < first + 2; ++host) {
      const auto network = own.network();
      std::array<std::uint8_t, 4> bytes{};
      std::copy_n(network.bytes(), bytes.size(), bytes.begin());
      bytes[3] = static_cast<std::uint8_t>(bytes[3] + host);
      const auto candidate = Address::v4(bytes.data(), 0);
      if (!candidate.same_ip(own.ip)) return candidate;
    }
    return std::nullopt;
  }

  int family_;
  const EgressPlan& plan_;
  const Link& link_;
  std::vector<InterfaceAddress> addresses_;
  std::optional<Route> main_default_;
};

void plan_family(int family, const EgressPlan& plan, const EgressFacts& facts, WantedRoutes& out) {
  const FamilyPlan planned(family, plan, facts);
  std::string why_not;
  const auto way_out = planned.default_route(why_not);
  for (const auto& network : planned.networks()) out.routes.push_back(network);
  if (way_out) out.routes.push_back(*way_out);
  if (way_out && family == AF_INET) out.state.gateway = way_out->gateway;
  if (way_out && family == AF_INET6) {
    out.state.gateway_v6 = way_out->gateway;
    out.state.has_v6 = true;
  }
  if (family == AF_INET) out.state.why_not = why_not;  // IPv6 is an addition, its absence no fault.
  out.state.up = out.state.up || way_out.has_value();
}

}  // namespace

WantedRoutes plan_routes(const EgressPlan& plan, const EgressFacts& facts) {
  WantedRoutes wanted;
  auto& state = wanted.state;
  if (!facts.link) {
    state.why_not = "There is no interface " + plan.interface + ".";
    return wanted;
  }
  state.present = true;
  state.index = facts.link->index;
  for (const auto& address : facts.addresses) state.addresses.push_back(address.ip);
  if (!facts.link->up) {  // The kernel takes no routes for an interface that is down.
    state.why_not = "The interface " + plan.interface + " is down.";
    return wanted;
  }
  for (const int family : kFamilies) plan_family(family, plan, facts, wanted);
  wanted.routes.push_back(refusing_default(plan, state.index));
  if (state.up) state.why_not.clear();
  if (!facts.link->running) {
    state.up = false;
    state.why_not = "The interface " + plan.interface + " has no carrier.";
  }
  return wanted;
}

Route unreachable_default(int family, std::uint32_t table) {
  Route route;
  route.family = family;
  route.table = table;
  route.type = RTN_UNREACHABLE;
  route.metric = kWorstMetric;
  return route;
}

}  // namespace airlane
