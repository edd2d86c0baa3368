// The internet of the simulation: one namespace with a web site, an address echo, a TCP and UDP
// echo and the name server of .test. Modems are wired to it by the Farm. One loop, one thread.
#pragma once

#include <memory>
#include <optional>

#include "sim/dns_server.h"
#include "sim/http_server.h"
#include "sim/namespace.h"
#include "sim/origin.h"
#include "sim/peer_log.h"
#include "sim/pump.h"

namespace airlane::sim {

class Internet {
 public:
  static Outcome<std::unique_ptr<Internet>> create(Loop& loop, bool ipv6);

  [[nodiscard]] const Namespace& space() const noexcept { return space_; }
  [[nodiscard]] const PeerLog& peers() const noexcept { return peers_; }

 private:
  explicit Internet(Namespace space) : space_(std::move(space)), origin_(peers_) {}

  Outcome<Done> start(Loop& loop, bool ipv6);
  Outcome<Done> start_ipv6(Loop& loop);
  Reply echo_address(const HttpRequest& request) { return answer_with_address(request); }

  Namespace space_;
  PeerLog peers_;
  Origin origin_;
  std::optional<HttpServer> web_;
  std::optional<HttpServer> address_echo_;
  std::optional<HttpServer> web_v6_;
  std::optional<HttpServer> address_echo_v6_;
  std::optional<Echo> echo_;
  std::optional<DnsServer> dns_;
};

}  // namespace airlane::sim
