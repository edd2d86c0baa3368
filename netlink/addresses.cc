#include "netlink/addresses.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "netlink/rtnl_socket.h"

namespace airlane {

Address InterfaceAddress::network() const { return masked(ip, prefix); }

bool InterfaceAddress::network_contains(const Address& other) const {
  return other.is_v4() == ip.is_v4() && masked(other, prefix).same_ip(network());
}

Outcome<std::vector<InterfaceAddress>> read_addresses(RtnlSocket& socket, int link_index) {
  ifaddrmsg header{};
  header.ifa_index = static_cast<std::uint32_t>(link_index);
  const auto request = make_message(RTM_GETADDR, NLM_F_DUMP, header);
  const auto wanted = [link_index](nlmsghdr& message) {
    auto address = decode_address(message);
    const bool other = !address || (link_index != 0 && address->link_index != link_index);
    return other ? std::nullopt : address;
  };
  return socket.list<InterfaceAddress>(*request, "list the addresses of this host", wanted,
                                       {ENODEV});  // Unplugged in the meantime.
}

std::optional<InterfaceAddress> decode_address(nlmsghdr& message) {
  const auto header = header_of<ifaddrmsg>(message);
  if (!header) return std::nullopt;
  const Attributes<ifaddrmsg, IFA_FLAGS> attributes(message);
  // On a point-to-point link IFA_ADDRESS is the peer's, and IFA_LOCAL ours.
  auto ip = attributes.address(IFA_LOCAL);
  if (!ip) ip = attributes.address(IFA_ADDRESS);
  if (!ip) return std::nullopt;
  const auto flags = attributes.number(IFA_FLAGS).value_or(header->ifa_flags);
  InterfaceAddress address;
  address.link_index = static_cast<int>(header->ifa_index);
  address.ip = *ip;
  address.prefix = header->ifa_prefixlen;
  address.global =
      header->ifa_scope == RT_SCOPE_UNIVERSE && (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0;
  return address;
}

Address masked(const Address& ip, unsigned prefix) {
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(ip.bytes(), ip.size(), bytes.begin());
  for (std::size_t i = 0; i < ip.size(); ++i) {
    const auto before = static_cast<unsigned>(i * 8);
    const auto kept = prefix > before ? std::min(prefix - before, 8U) : 0U;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  return ip.is_v4() ? Address::v4(bytes.data(), 0) : Address::v6(bytes.data(), 0);
}

}  // namespace airlane
