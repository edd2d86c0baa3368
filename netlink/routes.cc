#include "netlink/routes.h"

#include <cerrno>

#include "netlink/rtnl_socket.h"

namespace airlane {
namespace {

NlMessage encode(const Route& route, int kind, int flags) {
  rtmsg header{};
  header.rtm_family = static_cast<std::uint8_t>(route.family);
  header.rtm_dst_len = static_cast<std::uint8_t>(route.prefix);
  header.rtm_tos = route.tos;
  header.rtm_table = RT_TABLE_UNSPEC;  // The number does not fit; RTA_TABLE has it.
  header.rtm_protocol = route.protocol;
  header.rtm_scope = route.scope;
  header.rtm_type = route.type;
  auto message = make_message(kind, flags, header);
  add(*message, RTA_TABLE, route.table);
  if (route.prefix > 0) add(*message, RTA_DST, route.destination);
  if (route.metric != 0) add(*message, RTA_PRIORITY, route.metric);
  if (route.link_index != 0) {
    add(*message, RTA_OIF, static_cast<std::uint32_t>(route.link_index));
  }
  if (route.gateway) add(*message, RTA_GATEWAY, *route.gateway);
  if (route.source) add(*message, RTA_PREFSRC, *route.source);
  return message;
}

}  // namespace

std::string Route::to_string() const {
  std::string text;
  if (type == RTN_UNREACHABLE) text = "unreachable ";
  if (type == RTN_BROADCAST) text = "broadcast ";
  text += prefix == 0 ? "default" : destination.ip() + "/" + std::to_string(prefix);
  if (gateway) text += " via " + gateway->ip();
  return text + (family == AF_INET6 ? " (IPv6)" : "") + " of table " + std::to_string(table);
}

Outcome<std::vector<Route>> read_routes(RtnlSocket& socket, int family, std::uint32_t table) {
  rtmsg header{};
  header.rtm_family = static_cast<std::uint8_t>(family);
  const auto request = make_message(RTM_GETROUTE, NLM_F_DUMP, header);
  if (table != 0) add(*request, RTA_TABLE, table);
  const auto wanted = [family, table](nlmsghdr& message) {
    auto route = decode_route(message);
    const bool other = !route || route->family != family || (table != 0 && route->table != table);
    return other ? std::nullopt : route;
  };
  return socket.list<Route>(*request, "list the routes", wanted, {ENOENT});  // No such table yet.
}

Outcome<Done> put_route(RtnlSocket& socket, const Route& route) {
  const auto request = encode(route, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  return socket.change(*request, "add the route " + route.to_string());
}

Outcome<Done> delete_route(RtnlSocket& socket, const Route& route) {
  const auto request = encode(route, RTM_DELROUTE, 0);
  return socket.change(*request, "delete the route " + route.to_string(), {ESRCH, ENODEV, ENOENT});
}

Outcome<std::optional<Route>> main_default_route(RtnlSocket& socket, int family, int link_index) {
  const auto routes = read_routes(socket, family, RT_TABLE_MAIN);
  if (!routes) return routes.error();
  std::optional<Route> best;
  for (const auto& route : *routes) {
    if (!route.is_default() || route.link_index != link_index) continue;
    if (!best || route.metric < best->metric) best = route;
  }
  return best;
}

std::optional<Route> decode_route(nlmsghdr& message) {
  const auto header = header_of<rtmsg>(message);
  if (!header || (header->rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;
  const Attributes<rtmsg, RTA_VIA> attributes(message);
  Route route;
  route.family = header->rtm_family;
  route.table = attributes.number(RTA_TABLE).value_or(header->rtm_table);
  route.type = header->rtm_type;
  route.scope = header->rtm_scope;
  route.protocol = header->rtm_protocol;
  route.tos = header->rtm_tos;
  route.destination = attributes.address(RTA_DST).value_or(Address());
  route.prefix = header->rtm_dst_len;
  route.metric = attributes.number(RTA_PRIORITY).value_or(0);
  route.gateway = attributes.address(RTA_GATEWAY);
  route.source = attributes.address(RTA_PREFSRC);
  // The kernel hangs IPv6 routes that lead nowhere on the loopback interface.
  const bool leads_nowhere = route.type == RTN_UNREACHABLE || route.type == RTN_BLACKHOLE ||
                             route.type == RTN_PROHIBIT || route.type == RTN_THROW;
  if (!leads_nowhere && !attributes.has(RTA_VIA)) {
    route.link_index = static_cast<int>(attributes.number(RTA_OIF).value_or(0));
  }
  return route;
}

}  // namespace airlane
