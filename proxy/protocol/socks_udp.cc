#include "proxy/protocol/socks_udp.h"

#include <algorithm>

namespace airlane {
namespace {

constexpr std::uint8_t kV4 = 1;
constexpr std::uint8_t kName = 3;
constexpr std::uint8_t kV6 = 4;
constexpr std::size_t kFragmentAt = 2;
constexpr std::size_t kTypeAt = 3;
constexpr std::size_t kAddressAt = 4;

std::uint8_t octet(std::span<const char> bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

}  // namespace

Result<SocksDatagram> read_socks_datagram(std::span<const char> bytes) {
  if (bytes.size() <= kAddressAt) return Error{Errc::kMalformed, "read datagram"};
  if (bytes[kFragmentAt] != 0) return Error{Errc::kUnsupported, "read fragment"};
  const auto type = octet(bytes, kTypeAt);
  if (type != kV4 && type != kV6 && type != kName) {
    return Error{Errc::kUnsupportedType, "read address type"};
  }
  const std::size_t host_at = type == kName ? kAddressAt + 1 : kAddressAt;
  const std::size_t host_size = type == kV4 ? 4 : type == kV6 ? 16 : octet(bytes, kAddressAt);
  const auto port_at = host_at + host_size;
  if (bytes.size() < port_at + 2) return Error{Errc::kMalformed, "read datagram"};
  const auto port =
      static_cast<std::uint16_t>(octet(bytes, port_at) << 8 | octet(bytes, port_at + 1));
  if (port == 0) return Error{Errc::kMalformed, "read port"};
  SocksDatagram datagram;
  datagram.payload = bytes.subspan(port_at + 2);
  const auto* const host = bytes.data() + host_at;
  if (type == kName) {
    const std::string_view name(host, host_size);
    const auto literal = Address::parse(name, port);
    if (!literal) datagram.name = name;
    if (name.empty()) return Error{Errc::kMalformed, "read name"};
    if (literal) datagram.address = *literal;
    datagram.address.set_port(port);
  } else {
    datagram.address = type == kV4 ? Address::v4(host, port) : Address::v6(host, port);
  }
  return datagram;
}

std::size_t write_socks_datagram_header(const Address& source,
                                        std::span<char, kSocksDatagramHeaderMost> out) {
  out[0] = out[1] = out[kFragmentAt] = 0;
  out[kTypeAt] = static_cast<char>(source.is_v4() ? kV4 : kV6);
  std::copy_n(source.bytes(), source.size(), out.begin() + kAddressAt);
  const auto port_at = kAddressAt + source.size();
  out[port_at] = static_cast<char>(source.port() >> 8);
  out[port_at + 1] = static_cast<char>(source.port() & 0xff);
  return port_at + 2;
}

}  // namespace airlane
