#include "sim/internet.h"

#include <cerrno>
#include <cstring>

#include "sim/wiring.h"

namespace airlane::sim {
namespace {

Address at(std::string_view ip, std::uint16_t port) { return *Address::parse(ip, port); }

}  // namespace

Outcome<std::unique_ptr<Internet>> Internet::create(Loop& loop, bool ipv6) {
  auto space = Namespace::create();
  if (!space) return space.error();
  std::unique_ptr<Internet> internet(new Internet(std::move(*space)));
  if (const auto started = internet->start(loop, ipv6); !started) return started.error();
  return internet;
}

Outcome<Done> Internet::start(Loop& loop, bool ipv6) {
  if (ipv6) space_.enable_ipv6();
  space_.sysctl("ipv4/icmp_ratelimit", "0");
  if (auto ran = space_.ip(start_internet(ipv6)); !ran) return ran;
  if (auto ran = space_.nft(internet_firewall()); !ran) return ran;

  const Inside inside(space_);
  auto web = listen_tcp(at(kOriginAddress, 80));
  auto address_echo = listen_tcp(at(kIpEchoAddress, 80));
  auto echo_tcp = listen_tcp(at(kOriginAddress, 7));
  auto echo_udp = bind_udp(at(kOriginAddress, 7));
  auto dns_udp = bind_udp(at(kDnsAddress, 53));
  auto dns_tcp = listen_tcp(at(kDnsAddress, 53));
  if (!web || !address_echo || !echo_tcp || !echo_udp || !dns_udp || !dns_tcp) {
    const std::string why = std::strerror(errno);
    return Failure{Failure::Kind::kInternal, "cannot open the internet's sockets: " + why};
  }
  web_.emplace(loop, std::move(web), HttpServer::Handler::to<&Origin::answer>(origin_), &peers_);
  address_echo_.emplace(loop, std::move(address_echo),
                        HttpServer::Handler::to<&Internet::echo_address>(*this));
  echo_.emplace(loop, std::move(echo_tcp), std::move(echo_udp));
  dns_.emplace(loop, std::move(dns_udp), std::move(dns_tcp));
  return ipv6 ? start_ipv6(loop) : Done();
}

// Inside the namespace.
Outcome<Done> Internet::start_ipv6(Loop& loop) {
  auto web = listen_tcp(at(kOriginAddressV6, 80));
  auto address_echo = listen_tcp(at(kIpEchoAddressV6, 80));
  if (!web || !address_echo) {
    return Failure{Failure::Kind::kInternal, "cannot open the internet's IPv6 sockets"};
  }
  web_v6_.emplace(loop, std::move(web), HttpServer::Handler::to<&Origin::answer>(origin_), &peers_);
  address_echo_v6_.emplace(loop, std::move(address_echo),
                           HttpServer::Handler::to<&Internet::echo_address>(*this));
  return Done();
}

}  // namespace airlane::sim
