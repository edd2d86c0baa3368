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
