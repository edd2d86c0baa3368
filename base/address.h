// An IP address with a port, and an IP network: values, 20 bytes and 18, without allocation.
//
// Both families in one type, in network byte order. An IPv4 address is never stored in its
// IPv4-mapped IPv6 form: `from_sockaddr` and `parse` unmap it, so that a rule about 127.0.0.1 also
// holds for ::ffff:127.0.0.1.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace airlane {

class Address {
 public:
  Address() = default;  // 0.0.0.0:0

  // Literals only, never a look-up: "192.0.2.1", "2001:db8::1". No brackets, no scope id.
  static std::optional<Address> parse(std::string_view ip, std::uint16_t port = 0);
  // "192.0.2.1:80" or "[2001:db8::1]:80".
  static std::optional<Address> parse_with_port(std::string_view text);
  static Address from_sockaddr(const sockaddr* address) noexcept;  // Any family but IP: 0.0.0.0:0.
  static Address v4(const void* four_bytes, std::uint16_t port) noexcept;
  static Address v6(const void* sixteen_bytes, std::uint16_t port) noexcept;

  // Fills `storage` and returns the length for bind(2) and connect(2).
  socklen_t to_sockaddr(sockaddr_storage& storage) const noexcept;

  [[nodiscard]] bool is_v4() const noexcept { return !v6_; }
  [[nodiscard]] int family() const noexcept { return v6_ ? AF_INET6 : AF_INET; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  void set_port(std::uint16_t port) noexcept { port_ = port; }
  // 4 or 16 of them, in network byte order.
  [[nodiscard]] const std::uint8_t* bytes() const noexcept { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return v6_ ? 16 : 4; }

  [[nodiscard]] std::string ip() const;         // "192.0.2.1", "2001:db8::1"
  [[nodiscard]] std::string to_string() const;  // "192.0.2.1:80", "[2001:db8::1]:80"

  [[nodiscard]] bool same_ip(const Address& other) const noexcept {
    return v6_ == other.v6_ && bytes_ == other.bytes_;
  }
  bool operator==(const Address&) const noexcept = default;

 private:
  [[nodiscard]] std::string v4_text() const;
  [[nodiscard]] std::string v6_text() const;

  std::array<std::uint8_t, 16> bytes_{};
  std::uint16_t port_ = 0;
  bool v6_ = false;
};

class Cidr {
 public:
  // "198.51.100.0/24", "2001:db8::/32"; an address alone is a network of one. Host bits must be 0.
  static std::optional<Cidr> parse(std::string_view text);
  // For literals in our own source: aborts on a bad one.
  static Cidr of(std::string_view text);

  [[nodiscard]] bool contains(const Address& address) const noexcept;
  [[nodiscard]] const Address& base() const noexcept { return base_; }
  [[nodiscard]] unsigned prefix() const noexcept { return prefix_; }
  [[nodiscard]] std::string to_string() const;  // Always with its prefix: "203.0.113.200/32".
  bool operator==(const Cidr&) const noexcept = default;

 private:
  Address base_;
  unsigned prefix_ = 0;
};

}  // namespace airlane
