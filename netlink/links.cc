#include "netlink/links.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "netlink/rtnl_socket.h"

namespace airlane {
namespace {

std::string colon_hex(const nlattr* attribute) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  if (attribute == nullptr) return text;
  const auto* bytes = static_cast<const std::uint8_t*>(nla_data(attribute));
  for (int i = 0; i < nla_len(attribute); ++i) {
    if (i > 0) text += ':';
    text += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
  }
  return text;
}

}  // namespace

Outcome<std::vector<Link>> read_links(RtnlSocket& socket) {
  const auto request = make_message(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
  return socket.list<Link>(*request, "list the network interfaces", decode_link);
}

// The kernel also finds an interface by an alternative name; but neither routing rules nor bound
// sockets would follow us there.
Outcome<std::optional<Link>> find_link(RtnlSocket& socket, const std::string& name) {
  const auto request = make_message(RTM_GETLINK, 0, ifinfomsg{});
  add(*request, IFLA_IFNAME, name);
  const auto found =
      socket.list<Link>(*request, "look up the interface " + name, decode_link, {ENODEV});
  if (!found) return found.error();
  if (found->empty() || found->front().name != name) return std::optional<Link>();
  return std::optional<Link>(found->front());
}

std::optional<Link> decode_link(nlmsghdr& message) {
  const auto header = header_of<ifinfomsg>(message);
  if (!header || header->ifi_family != AF_UNSPEC) return std::nullopt;
  const Attributes<ifinfomsg, IFLA_IFNAME> attributes(message);
  Link link;
  link.index = header->ifi_index;
  link.name = attributes.text(IFLA_IFNAME);
  link.up = (header->ifi_flags & IFF_UP) != 0;
  link.running = (header->ifi_flags & IFF_RUNNING) != 0;
  link.point_to_point = (header->ifi_flags & (IFF_POINTOPOINT | IFF_NOARP)) != 0;
  link.mac = colon_hex(attributes.at(IFLA_ADDRESS));
  return link;
}

}  // namespace airlane
