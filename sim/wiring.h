// The scripts that wire a dongle: pure text for `ip -batch` and `nft -f`, one function per place
// and moment. Interfaces: "dgN" at the computer, "lan" and "wan" in the modem, "mN" in the
// internet.
#pragma once

#include <string>
#include <string_view>

namespace airlane::sim {

inline constexpr std::string_view kDongleMac = "0c:5b:8f:27:9a:64";
inline constexpr std::string_view kDongleAddress = "192.168.8.100";
inline constexpr std::string_view kModemAddress = "192.168.8.1";
inline constexpr std::string_view kOriginAddress = "198.19.0.1";
inline constexpr std::string_view kIpEchoAddress = "198.19.0.2";
inline constexpr std::string_view kDnsAddress = "198.19.0.53";

// With --ipv6. Outside a modem has kCarrierV6 in front of its IPv4 address.
inline constexpr std::string_view kOriginAddressV6 = "2001:db8:19::1";
inline constexpr std::string_view kIpEchoAddressV6 = "2001:db8:19::2";
inline constexpr std::string_view kCarrierV6 = "2001:db8:e::";

struct Wire {
  int index = 0;
  int owner = 0;          // The process: the links' group, and a part of their alias.
  std::string interface;  // "dg0"
  std::string modem;      // Path of the modem's namespace.
  bool ipv6 = false;
};

// What follows the alias of a host end; the number of the owner comes after it.
inline constexpr std::string_view kAliasPrefix = "airlane-sim:";

// In the computer's namespace. Without routes, as with a DHCP client that installs none; but with
// the default route of IPv6, which the kernel itself makes of a router's advertisement.
std::string plug_in_host(const Wire& wire);
std::string unplug_in_host(const Wire& wire);

// In the modem's.
std::string plug_in_modem(const Wire& wire);
std::string attach_in_modem(const Wire& wire, std::string_view external_ip);
std::string detach_in_modem();
std::string modem_firewall(bool ipv6);  // nft
std::string block_in_modem(bool reject);
std::string unblock_in_modem();

// In the internet's.
std::string start_internet(bool ipv6);
std::string internet_firewall();  // nft
std::string wire_in_internet(const Wire& wire);
std::string attach_in_internet(const Wire& wire, std::string_view external_ip);
std::string detach_in_internet(const Wire& wire, std::string_view external_ip);

}  // namespace airlane::sim
