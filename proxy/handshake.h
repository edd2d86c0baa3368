// What a connection needs until its bytes move: what the client said, and what became of it.
//
// Some kilobytes, used for milliseconds: each worker has a pool of them, so that an idle tunnel
// holds none and a new connection allocates none. They are given back with their memory (the
// capacity of strings), unless that has grown out of proportion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "proxy/protocol/http_head.h"
#include "proxy/protocol/proxy_header.h"
#include "proxy/protocol/socks4.h"
#include "proxy/protocol/socks5.h"
#include "proxy/protocol/target.h"
#include "proxy/resolver.h"

namespace airlane {

struct Handshake {
  void reset();  // For the next request, or the next connection.

  std::string early;  // Bytes received and not yet used; survives `reset_request`.
  std::optional<ProxyHeader> proxy_header;      // Detect: owed by a front, until it has come.
  Socks5 socks5;                                // Authenticate, with SOCKS5.
  Socks4 socks4;                                // Authenticate, with SOCKS4.
  HeadReader head{HeadReader::Kind::kRequest};  // Authenticate, with HTTP: owns what `request`
  RequestHead request;                          // looks at.
  Target target;                                // Authenticate: where to.
  std::vector<Address> candidates;        // Resolve: checked, in the order in which to try them.
  std::optional<Resolver::Query> ask_v6;  // Resolve: open questions. Connect goes on with the one
  std::optional<Resolver::Query> ask_v4;  // that comes late.
  std::optional<Target> upstream_target;  // Forward: whom a kept connection leads to.
  HeadReader response_text{HeadReader::Kind::kResponse};  // Forward.
  bool stale = false;  // Forward: a kept connection was dead; the request goes out by a new one.
  // Authenticate: the answer to a request for the proxy itself. Forward: what a tunnel that a
  // request has become begins with for its client.
  std::string answer;

  void reset_request();  // All but `early`, `proxy_header` and `upstream_target`.
};

class HandshakePool {
 public:
  struct GiveBack {
    HandshakePool* pool;
    void operator()(Handshake* handshake) const noexcept;
  };
  using Lent = std::unique_ptr<Handshake, GiveBack>;

  HandshakePool() = default;
  HandshakePool(HandshakePool&&) = delete;  // Those that are lent know the way back.

  Lent take();

 private:
  std::vector<std::unique_ptr<Handshake>> idle_;
};

}  // namespace airlane
