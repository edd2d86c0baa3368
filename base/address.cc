#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace airlane {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > most) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view ip, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  // inet_pton stops at a NUL; the rest of the text would go unread.
  if (ip.size() >= text.size() || ip.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(ip.begin(), ip.end(), text.begin());
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, text.data(), bytes.data()) == 1) return v4(bytes.data(), port);
  if (inet_pton(AF_INET6, text.data(), bytes.data()) == 1) return v6(bytes.data(), port);
  return std::nullopt;
}

std::optional<Address> Address::parse_with_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number(text.substr(colon + 1), 65535);
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets the last colon of an IPv6 address would be taken for the one before a port.
  if (!port || bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return parse(host, static_cast<std::uint16_t>(*port));
}

Address Address::from_sockaddr(const sockaddr* address) noexcept {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return v4(&in.sin_addr, ntohs(in.sin_port));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, address, sizeof in6);
    return v6(&in6.sin6_addr, ntohs(in6.sin6_port));
  }
  return {};
}

Address Address::v4(const void* four_bytes, std::uint16_t port) noexcept {
  Address address;
  std::memcpy(address.bytes_.data(), four_bytes, 4);
  address.port_ = port;
  return address;
}

Address Address::v6(const void* sixteen_bytes, std::uint16_t port) noexcept {
  const auto* bytes = static_cast<const std::uint8_t*>(sixteen_bytes);
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes)) return v4(bytes + 12, port);
  Address address;
  std::memcpy(address.bytes_.data(), bytes, 16);
  address.port_ = port;
  address.v6_ = true;
  return address;
}

socklen_t Address::to_sockaddr(sockaddr_storage& storage) const noexcept {
  std::memset(&storage, 0, sizeof storage);
  if (v6_) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port_);
    std::memcpy(&in6.sin6_addr, bytes_.data(), 16);
    std::memcpy(&storage, &in6, sizeof in6);
    return sizeof in6;
  }
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port_);
  std::memcpy(&in.sin_addr, bytes_.data(), 4);
  std::memcpy(&storage, &in, sizeof in);
  return sizeof in;
}

std::string Address::ip() const { return v6_ ? v6_text() : v4_text(); }

// Written by hand: inet_ntop() goes by way of printf, and each request asks for this.
std::string Address::v4_text() const {
  std::array<char, INET_ADDRSTRLEN> text;
  char* at = text.data();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, text.data() + text.size(), bytes_[i]).ptr;
  }
  return {text.data(), at};
}

std::string Address::v6_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family(), bytes_.data(), text.data(), text.size());
  return text.data();
}

std::string Address::to_string() const {
  const auto port = std::to_string(port_);
  return v6_ ? "[" + ip() + "]:" + port : ip() + ":" + port;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto bits = static_cast<unsigned>(address->size() * 8);
  Cidr cidr;
  cidr.base_ = *address;
  cidr.prefix_ = bits;
  if (slash != std::string_view::npos) {
    const auto prefix = parse_number(text.substr(slash + 1), bits);
    if (!prefix) return std::nullopt;
    cidr.prefix_ = *prefix;
  }
  for (auto bit = cidr.prefix_; bit < bits; ++bit) {
    if ((address->bytes()[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  }
  return cidr;
}

Cidr Cidr::of(std::string_view text) {
  const auto cidr = parse(text);
  if (!cidr) std::abort();
  return *cidr;
}

bool Cidr::contains(const Address& address) const noexcept {
  if (address.is_v4() != base_.is_v4()) return false;
  const auto whole = prefix_ / 8;
  if (std::memcmp(address.bytes(), base_.bytes(), whole) != 0) return false;
  const auto rest = prefix_ % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((address.bytes()[whole] ^ base_.bytes()[whole]) & mask) == 0;
}

std::string Cidr::to_string() const { return base_.ip() + "/" + std::to_string(prefix_); }

}  // namespace airlane
