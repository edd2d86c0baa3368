#include "proxy/detect.h"

#include <array>

namespace airlane {
namespace {

struct Row {
  char first;
  char last;
  Protocol protocol;
};
// To add a protocol, add the bytes that it may begin with.
constexpr std::array kProtocols{
    Row{0x05, 0x05, Protocol::kSocks5},  // RFC 1928: VER
    Row{0x04, 0x04, Protocol::kSocks4},  // VN, of SOCKS4 and 4a
    Row{0x16, 0x16, Protocol::kTls},     // RFC 8446: a handshake record
    Row{'A', 'Z', Protocol::kHttp},      // RFC 9110: every registered method
    Row{'^', 'z', Protocol::kHttp},      // and those that somebody makes up of
    Row{'#', '\'', Protocol::kHttp},     // the characters of a token,
    Row{'*', '+', Protocol::kHttp},      // all of them
    Row{'-', '.', Protocol::kHttp},
    Row{'0', '9', Protocol::kHttp},
    Row{'!', '!', Protocol::kHttp},
    Row{'|', '|', Protocol::kHttp},
    Row{'~', '~', Protocol::kHttp},
    Row{'\r', '\r', Protocol::kHttp},  // RFC 9112, section 2.2: an empty line to be skipped
    Row{'\n', '\n', Protocol::kHttp},  // and a bad one, to be refused
};

Protocol protocol_of(char byte) {
  for (const auto& row : kProtocols) {
    if (byte >= row.first && byte <= row.last) return row.protocol;
  }
  return Protocol::kUnknown;
}

}  // namespace

Result<Step> Detect::advance() {
  auto& early = flow_.handshake->early;
  // Kept for this client's next request; a target that ends it, or speaks, has given it up.
  if (flow_.upstream && flow_.upstream.ready().ended()) flow_.close_upstream();
  while (early.empty() || flow_.handshake->proxy_header) {
    if (early.empty()) {
      const auto received = flow_.client.receive(flow_.bench.buffer, "read first byte");
      if (!received) return received.error();
      if (!*received) return Step::kWait;
      if (**received == 0) return end_of_client();
      early.assign(flow_.bench.buffer.data(), **received);
    }
    if (const auto taken = take_proxy_header(); !taken) return taken.error();
  }
  const auto protocol = protocol_of(early.front());
  // The second request of a connection speaks what the first one spoke.
  const bool changed = flow_.protocol != Protocol::kUnknown && protocol != flow_.protocol;
  const bool nested = protocol == Protocol::kTls && flow_.bridge;  // TLS in TLS.
  if (protocol == Protocol::kUnknown || changed || nested)
    return Error{Errc::kMalformed, "detect protocol"};
  flow_.protocol = protocol;
  return Step::kNext;
}

// Before a word it is no error: balancers look whether we are there, and browsers open connections
// in advance.
Result<Step> Detect::end_of_client() const {
  const auto& header = flow_.handshake->proxy_header;
  if (header && header->begun()) return Error{Errc::kMalformed, "read PROXY header"};
  return Step::kDone;
}

Status Detect::take_proxy_header() {
  auto& header = flow_.handshake->proxy_header;
  if (!header) return Done{};
  std::span<const char> input(flow_.handshake->early);
  const auto complete = header->feed(input);
  if (!complete) return complete.error();
  flow_.handshake->early.erase(0, flow_.handshake->early.size() - input.size());
  if (!*complete) return Done{};
  if (header->source()) flow_.source = *header->source();
  header.reset();
  return Done{};
}

}  // namespace airlane
