#include "sim/wiring.h"

namespace airlane::sim {
namespace {

// Every modem's way out; an address of the internet's loopback, so that one serves all.
constexpr std::string_view kCarrier = "198.19.0.254";

// Replaces every {key} of a template.
std::string fill(std::string text, std::string_view key, std::string_view value) {
  for (std::size_t at = 0; (at = text.find(key, at)) != text.npos; at += value.size()) {
    text.replace(at, key.size(), value);
  }
  return text;
}

std::string fill_all(std::string text, const Wire& wire, std::string_view ip = {}) {
  text = fill(std::move(text), "{if}", wire.interface);
  text = fill(std::move(text), "{n}", std::to_string(wire.index));
  text = fill(std::move(text), "{owner}", std::to_string(wire.owner));
  text = fill(std::move(text), "{modem}", wire.modem);
  text = fill(std::move(text), "{mac}", kDongleMac);
  text = fill(std::move(text), "{v6}", kCarrierV6);
  return fill(std::move(text), "{ip}", ip);
}

}  // namespace

std::string plug_in_host(const Wire& wire) {
  std::string script =
      "link add {if} address {mac} group {owner} type veth"
      " peer name lan address 00:1e:10:1f:00:00 netns {modem}\n"
      "link set {if} alias airlane-sim:{owner}\n"
      "link set {if} addrgenmode none up\n"
      "addr add 192.168.8.100/24 brd + dev {if} noprefixroute\n";
  if (wire.ipv6) {
    script +=
        "addr add 2001:db8:8::100/64 dev {if} nodad noprefixroute\n"
        "route add ::/0 via 2001:db8:8::1 dev {if} onlink metric 2{n}\n";
  }
  return fill_all(std::move(script), wire);
}

std::string unplug_in_host(const Wire& wire) { return fill_all("link del {if}\n", wire); }

std::string plug_in_modem(const Wire& wire) {
  std::string script =
      "addr add 192.168.8.1/24 brd + dev lan\n"
      "link set lan up\n";
  if (wire.ipv6) script += "addr add 2001:db8:8::1/64 dev lan nodad\n";
  return script;
}

std::string attach_in_modem(const Wire& wire, std::string_view external_ip) {
  std::string script =
      "addr add {ip}/32 dev wan\n"
      "link set wan up\n"
      "route replace default via 198.19.0.254 dev wan onlink\n";
  if (wire.ipv6) {
    script +=
        "addr add fe80::2/64 dev wan nodad\n"
        "addr add {v6}{ip}/128 dev wan nodad\n"
        "route replace ::/0 via fe80::1 dev wan onlink\n";
  }
  return fill_all(std::move(script), wire, external_ip);
}

// Without its address the masquerading forgets the connections that used it; the route goes with
// the last address.
std::string detach_in_modem() { return "addr flush dev wan\n"; }

std::string modem_firewall(bool ipv6) {
  std::string script =
      "table ip sim {\n"
      "  chain offline { }\n"
      "  chain from_computer {\n"
      "    type filter hook prerouting priority 0; policy accept;\n"
      "    iifname \"lan\" ip daddr != 192.168.8.0/24 jump offline\n"
      "  }\n"
      "  chain from_internet {\n"
      "    type filter hook input priority 0; policy accept;\n"
      "    iifname \"wan\" ct state new drop\n"
      "  }\n"
      "  chain outgoing {\n"
      "    type nat hook postrouting priority 100; policy accept;\n"
      "    oifname \"wan\" masquerade\n"
      "  }\n"
      "}\n";
  if (ipv6) {
    script +=
        "table ip6 sim {\n"
        "  chain outgoing {\n"
        "    type nat hook postrouting priority 100; policy accept;\n"
        "    oifname \"wan\" masquerade\n"
        "  }\n"
        "}\n";
  }
  return script;
}

// What was open gets no answer; what is new is told so, or not.
std::string block_in_modem(bool reject) {
  std::string script =
      "flush chain ip sim offline\n"
      "add rule ip sim offline ct state established,related drop\n";
  if (reject) script += "add rule ip sim offline tcp flags & (syn | ack) != syn drop\n";
  script += reject ? "add rule ip sim offline reject with icmp type net-unreachable\n"
                   : "add rule ip sim offline drop\n";
  return script;
}

std::string unblock_in_modem() { return "flush chain ip sim offline\n"; }

std::string start_internet(bool ipv6) {
  std::string script = "link set lo up\n";
  for (const auto address : {kOriginAddress, kIpEchoAddress, kDnsAddress, kCarrier}) {
    script += "addr add " + std::string(address) + "/32 dev lo\n";
  }
  if (!ipv6) return script;
  for (const auto address : {kOriginAddressV6, kIpEchoAddressV6}) {
    script += "addr add " + std::string(address) + "/128 dev lo nodad\n";
  }
  return script;
}

// 198.19.0.9 is a black hole; whatever else nobody has is unreachable.
std::string internet_firewall() {
  return "table ip sim {\n"
         "  chain arriving {\n"
         "    type filter hook prerouting priority 0; policy accept;\n"
         "    ip daddr { 198.19.0.1, 198.19.0.2, 198.19.0.53, 198.19.0.254 } accept\n"
         "    ip daddr 127.0.0.0/8 accept\n"
         "    ip daddr 198.19.0.9 drop\n"
         "    reject with icmp type host-unreachable\n"
         "  }\n"
         "}\n";
}

std::string wire_in_internet(const Wire& wire) {
  std::string script =
      "link add m{n} type veth peer name wan netns {modem}\n"
      "link set m{n} addrgenmode none up\n";
  if (wire.ipv6) script += "addr add fe80::1/64 dev m{n} nodad\n";
  return fill_all(std::move(script), wire);
}

std::string attach_in_internet(const Wire& wire, std::string_view external_ip) {
  std::string script = "route replace {ip}/32 dev m{n}\n";
  if (wire.ipv6) script += "route replace {v6}{ip}/128 via fe80::2 dev m{n}\n";
  return fill_all(std::move(script), wire, external_ip);
}

std::string detach_in_internet(const Wire& wire, std::string_view external_ip) {
  std::string script = "route del {ip}/32\n";
  if (wire.ipv6) script += "route del {v6}{ip}/128\n";
  return fill_all(std::move(script), wire, external_ip);
}

}  // namespace airlane::sim
