#include "netlink/egress_table.h"

#include <unistd.h>

#include <algorithm>
#include <initializer_list>

#include "netlink/addresses.h"
#include "netlink/egress_plan.h"
#include "netlink/links.h"
#include "netlink/routes.h"
#include "netlink/rp_filter.h"
#include "netlink/rtnl_socket.h"
#include "netlink/rules.h"

namespace airlane {
namespace {

bool in_range(std::uint32_t number, std::uint32_t first) {
  return number >= first && number - first < kMostEgresses;
}

Outcome<Done> check(const EgressPlan& plan) {
  const auto& name = plan.interface;
  const bool named = !name.empty() && name.size() < 16 && name != "." && name != ".." &&
                     name != "all" && name != "default" &&
                     name.find_first_of("/: \t\n%") == std::string::npos;
  if (!named) {
    return Failure{Failure::Kind::kInvalid, "\"" + name + "\" is no name of a network interface."};
  }
  if (!in_range(plan.table, kFirstTable) || !in_range(plan.rule_priority, kFirstPriority)) {
    return Failure{Failure::Kind::kInvalid, "The routing table of " + name + " is out of range."};
  }
  return Done{};
}

// A kernel without IPv6 has nothing that would have to fail closed.
bool knows(int family) { return family == AF_INET || access("/proc/sys/net/ipv6", F_OK) == 0; }

Outcome<EgressFacts> look(RtnlSocket& socket, const EgressPlan& plan) {
  EgressFacts facts;
  auto link = find_link(socket, plan.interface);
  if (!link) return link.error();
  facts.link = *link;
  if (!facts.link) return facts;
  auto addresses = read_addresses(socket, facts.link->index);
  if (!addresses) return addresses.error();
  facts.addresses = std::move(*addresses);
  for (const int family : kFamilies) {
    if (!knows(family)) continue;
    const auto route = main_default_route(socket, family, facts.link->index);
    if (!route) return route.error();
    (family == AF_INET ? facts.main_default : facts.main_default_v6) = *route;
  }
  return facts;
}

// What fails closed, before anything else: with the rule in force and the table empty, a lookup
// would go on to `main`.
Outcome<Done> close_family(RtnlSocket& socket, const EgressPlan& plan, int family,
                           const std::vector<Route>& have) {
  const auto last_resort = unreachable_default(family, plan.table);
  if (std::find(have.begin(), have.end(), last_resort) == have.end()) {
    if (auto put = put_route(socket, last_resort); !put) return put;
  }
  const auto rules = read_our_rules(socket, family);
  if (!rules) return rules.error();
  const Rule wanted{family, plan.rule_priority, plan.table, plan.interface};
  if (std::find(rules->begin(), rules->end(), wanted) == rules->end()) {
    if (auto added = add_rule(socket, wanted); !added) return added;
  }
  for (const auto& rule : *rules) {
    const bool of_this = rule.table == plan.table || rule.priority == plan.rule_priority;
    if (!of_this || rule == wanted) continue;
    if (auto deleted = delete_rule(socket, rule); !deleted) return deleted;
  }
  return Done{};
}

// Returns why a route of the interface could not be put: it changed since we looked, and the event
// that says so is on its way.
std::string put_missing(RtnlSocket& socket, const std::vector<Route>& wanted, int family,
                        const std::vector<Route>& have) {
  for (const auto& route : wanted) {
    const bool there = std::find(have.begin(), have.end(), route) != have.end();
    if (route.family != family || there) continue;
    if (const auto put = put_route(socket, route); !put) return put.error().text;
  }
  return {};
}

void lose_family(WantedRoutes& wanted, int family, const std::string& why_not) {
  auto& state = wanted.state;
  if (family == AF_INET6) state.has_v6 = false;
  const bool other_works = family == AF_INET6 &&
                           std::any_of(wanted.routes.begin(), wanted.routes.end(), [](auto& route) {
                             return route.family == AF_INET && route.is_default();
                           });
  if (other_works) return;
  state.up = false;
  state.why_not = why_not;
}

// Whatever is in the table and not wanted, unless a wanted route has just taken its place.
Outcome<Done> delete_stale(RtnlSocket& socket, const EgressPlan& plan, int family,
                           const std::vector<Route>& wanted) {
  const auto have = read_routes(socket, family, plan.table);
  if (!have) return have.error();
  for (const auto& route : *have) {
    const bool stays = route == unreachable_default(family, plan.table) ||
                       std::find(wanted.begin(), wanted.end(), route) != wanted.end();
    if (stays) continue;
    if (auto deleted = delete_route(socket, route); !deleted) return deleted;
  }
  return Done{};
}

template <class Unwanted>
Outcome<Done> delete_rules(RtnlSocket& socket, int family, Unwanted unwanted) {
  const auto rules = read_our_rules(socket, family);
  if (!rules) return rules.error();
  for (const auto& rule : *rules) {
    if (!unwanted(rule)) continue;
    if (auto deleted = delete_rule(socket, rule); !deleted) return deleted;
  }
  return Done{};
}

template <class Unwanted>
Outcome<Done> delete_routes(RtnlSocket& socket, int family, std::uint32_t table,
                            Unwanted unwanted) {
  const auto routes = read_routes(socket, family, table);
  if (!routes) return routes.error();
  for (const auto& route : *routes) {
    if (!unwanted(route)) continue;
    if (auto deleted = delete_route(socket, route); !deleted) return deleted;
  }
  return Done{};
}

}  // namespace

Outcome<EgressPlan> make_egress_plan(std::int64_t dongle, std::string interface,
                                     std::optional<Address> gateway) {
  if (dongle < 0 || dongle >= std::int64_t{kMostEgresses}) {
    return Failure{Failure::Kind::kConflict, "There is no routing table for dongle number " +
                                                 std::to_string(dongle) + ": " +
                                                 std::to_string(kMostEgresses) + " is the most."};
  }
  const auto offset = static_cast<std::uint32_t>(dongle);
  EgressPlan plan{std::move(interface), kFirstTable + offset, kFirstPriority + offset, gateway};
  if (const auto checked = check(plan); !checked) return checked.error();
  return plan;
}

Outcome<EgressState> install(RtnlSocket& socket, const EgressPlan& plan) {
  if (const auto checked = check(plan); !checked) return checked.error();
  const auto facts = look(socket, plan);
  if (!facts) return facts.error();
  auto wanted = plan_routes(plan, *facts);
  for (const int family : kFamilies) {
    if (!knows(family)) continue;
    const auto have = read_routes(socket, family, plan.table);
    if (!have) return have.error();
    if (const auto closed = close_family(socket, plan, family, *have); !closed) {
      return closed.error();
    }
    const auto problem = put_missing(socket, wanted.routes, family, *have);
    if (!problem.empty()) lose_family(wanted, family, problem);
    if (const auto deleted = delete_stale(socket, plan, family, wanted.routes); !deleted) {
      return deleted.error();
    }
  }
  if (!facts->link) return wanted.state;
  if (const auto loosened = loosen_rp_filter(plan.interface); !loosened) {
    wanted.state.up = false;
    wanted.state.why_not = loosened.error().text;
  }
  return wanted.state;
}

Outcome<Done> remove(RtnlSocket& socket, const EgressPlan& plan) {
  if (auto checked = check(plan); !checked) return checked;
  const auto ours = [&plan](const Rule& rule) { return rule.table == plan.table; };
  const auto any = [](const Route&) { return true; };
  for (const int family : kFamilies) {
    if (!knows(family)) continue;
    if (auto deleted = delete_rules(socket, family, ours); !deleted) return deleted;
    if (auto deleted = delete_routes(socket, family, plan.table, any); !deleted) return deleted;
  }
  return Done{};
}

Outcome<Done> remove_leftovers(RtnlSocket& socket, std::span<const EgressPlan> keep) {
  const auto left_over = [keep](std::uint32_t table) {
    return in_range(table, kFirstTable) &&
           std::none_of(keep.begin(), keep.end(),
                        [table](const EgressPlan& plan) { return plan.table == table; });
  };
  const auto rule_is = [&](const Rule& rule) { return left_over(rule.table); };
  const auto route_is = [&](const Route& route) {
    return route.protocol == kOurProtocol && left_over(route.table);
  };
  for (const int family : kFamilies) {
    if (!knows(family)) continue;
    if (auto deleted = delete_rules(socket, family, rule_is); !deleted) return deleted;
    if (auto deleted = delete_routes(socket, family, 0, route_is); !deleted) return deleted;
  }
  return Done{};
}

}  // namespace airlane
