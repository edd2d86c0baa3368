#include "proxy/flow.h"

#include "proxy/protocol/http_rewrite.h"
#include "proxy/protocol/socks4.h"
#include "proxy/protocol/socks5.h"

namespace airlane {

std::string_view label(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::kUnknown:
      return {};
    case Protocol::kSocks5:
      return "socks5";
    case Protocol::kSocks4:
      return "socks4";
    case Protocol::kHttp:
      return "http";
    case Protocol::kTls:
      return "tls";
  }
  return {};
}

Result<std::optional<std::size_t>> Flow::receive(Way way, std::size_t most, const char* during) {
  auto& from = way == Way::kUp ? client : upstream;
  if (from.ready().readable()) {
    const auto allowed = allowance(way, most);
    if (!allowed) return allowed.error();
    if (*allowed == 0) return std::optional<std::size_t>();  // The throttle will call.
    const auto received = from.receive(bench.buffer.first(*allowed), during);
    if (!received) return received;
    if (*received) {
      moved(way, **received);
      return received;
    }
  }
  rest(way);
  return std::optional<std::size_t>();
}

void Flow::limit_bytes() {
  const bool by_proxy = Throttle::is_needed(proxy->limits);
  if (!credential && !by_proxy) return throttle.reset();
  if (!credential && throttle && throttle->is_only_of(*proxy)) return throttle->adopt(proxy);
  throttle.reset();  // What it had reserved is free, before it is reserved again.
  if (by_proxy) throttle = std::make_unique<Throttle>(bench.reactor, on_ready, proxy, row);
  if (!credential || !Throttle::is_needed(credential->account->limits)) return;
  throttle = std::make_unique<Throttle>(bench.reactor, on_ready, credential->account,
                                        credential->row, std::move(throttle));
}

std::optional<Error> Flow::why_not(const Address& address, std::string_view name) const {
  switch (reach(address, *destinations, proxy->limits, name)) {
    case Reach::kInside:
      return Error{Errc::kProhibited, "check destination"};
    case Reach::kRuledOut:
      return Error{Errc::kRuledOut, kProxyLimits.destinations};
    case Reach::kAllowed:
      break;
  }
  if (!credential || !rules_out(credential->account->limits, address, name)) return std::nullopt;
  return Error{Errc::kRuledOut, kCredentialLimits.destinations};
}

std::optional<Error> Flow::why_not_ask(std::string_view name, std::uint16_t port) const {
  if (!may_ask(name, port, proxy->limits)) {
    return Error{Errc::kRuledOut, kProxyLimits.destinations};
  }
  if (!credential || may_ask(name, port, credential->account->limits)) return std::nullopt;
  return Error{Errc::kRuledOut, kCredentialLimits.destinations};
}

std::string refusal_of(const Flow& flow, const Error& error) {
  switch (flow.protocol) {
    case Protocol::kUnknown:
    case Protocol::kTls:
      return {};
    case Protocol::kSocks5:
      return Socks5::reply(socks5_reply(error.code), Address());
    case Protocol::kSocks4:
      return Socks4::reply(false, Address());
    case Protocol::kHttp:
      return error_response(error, flow.handshake->request.method == "HEAD");
  }
  return {};
}

std::string success_of(const Flow& flow, const Address& bound) {
  switch (flow.protocol) {
    case Protocol::kUnknown:
    case Protocol::kTls:
      return {};
    case Protocol::kSocks5:
      return Socks5::reply(0x00, bound);
    case Protocol::kSocks4:
      return Socks4::reply(true, bound);
    case Protocol::kHttp:
      return std::string(connect_established());
  }
  return {};
}

}  // namespace airlane
