#include "sim/internet.h"

#include <cerrno>
#include <cstring>

#include "sim/wiring.h"

namespace airlane::sim {
namespace {

Address at(std::string_view ip, std::uint16_t port) { return *Address::parse(ip, port); }

}  // namespace

Outcome<std::unique_ptr<Internet>> Internet::create(Loop& loop) {
  auto space = Namespace::create();
  if (!space) return space.error();
  std::unique_ptr<Internet> internet(new Internet(std::move(*space)));
  if (const auto started = internet->start(loop); !started) return started.error();
  return internet;
}

Outcome<Done> Internet::start(Loop& loop) {
  space_.sysctl("ipv4/icmp_ratelimit", "0");
  if (auto ran = space_.ip(start_internet()); !ran) return ran;
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
  return Done();
}

}  // namespace airlane::sim
