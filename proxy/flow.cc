#include "proxy/flow.h"

#include "proxy/protocol/http_rewrite.h"
#include "proxy/protocol/socks5.h"

namespace airlane {

std::string_view label(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::kUnknown:
      return {};
    case Protocol::kSocks5:
      return "socks5";
    case Protocol::kHttp:
      return "http";
  }
  return {};
}

std::string refusal_of(const Flow& flow, const Error& error) {
  switch (flow.protocol) {
    case Protocol::kUnknown:
      return {};
    case Protocol::kSocks5:
      return Socks5::reply(socks5_reply(error.code), Address());
    case Protocol::kHttp:
      return error_response(error, flow.handshake->request.method == "HEAD");
  }
  return {};
}

}  // namespace airlane
