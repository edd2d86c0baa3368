// What BIND has instead of Connect (RFC 1928, section 6; SOCKS4): a listening socket, bound to the
// dongle's interface, for one connection from outside.
//
// The client is answered twice: at once with the address to tell its peer, and then, by Relay, with
// the peer's when that has connected. A client that named its peer gets that one and no other; with
// 0.0.0.0 it gets whoever comes first. Nobody whom it might not reach gets in. Behind a carrier's
// NAT nobody will come: the answer tells the dongle's own address.
#pragma once

#include <string>
#include <string_view>

#include "proxy/flow.h"

namespace airlane {

// Whether whoever comes first is the peer that is expected.
bool names_nobody(const Target& target) noexcept;

class Bind {
 public:
  static constexpr std::string_view kName = "bind";

  explicit Bind(Flow& flow) : flow_(flow), listener_(flow.bench.reactor, flow.on_ready) {}
  Bind(Bind&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error) { return refusal_of(flow_, error); }

 private:
  Status begin();
  [[nodiscard]] Result<Address> own_address() const;
  [[nodiscard]] Result<UniqueFd> open(int type, int family) const;
  Result<Step> accept_peer();
  [[nodiscard]] bool is_expected(const Address& peer) const;

  Flow& flow_;
  End listener_;
};

}  // namespace airlane
