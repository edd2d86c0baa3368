// UDP over loopback for tests: a blocking socket, a target that answers everything with itself, and
// the client's end of a SOCKS5 association. Every wait ends after ten seconds.
#pragma once

#include <netinet/udp.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "proxy/protocol/socks_udp.h"
#include "tests/support/loopback.h"

namespace airlane::test {

class UdpSocket {
 public:
  explicit UdpSocket(std::string_view ip = "127.0.0.1", std::uint16_t port = 0)
      : fd_(socket(Address::parse(ip)->family(), SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const int large = 1 << 20;
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    sockaddr_storage storage;
    auto size = Address::parse(ip, port)->to_sockaddr(storage);
    auto* const name = reinterpret_cast<sockaddr*>(&storage);
    if (bind(fd_.get(), name, size) != 0) throw std::runtime_error("bind");
    getsockname(fd_.get(), name, &size);
    address_ = Address::from_sockaddr(name);
  }

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const Address& address() const { return address_; }

  bool send(std::string_view bytes, const Address& to) {
    sockaddr_storage storage;
    const auto size = to.to_sockaddr(storage);
    return sendto(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&storage),
                  size) == static_cast<ssize_t>(bytes.size());
  }
  // Absent after the time limit. `from` is filled in when given.
  std::optional<std::string> receive(Address* from = nullptr) {
    std::string buffer(64 << 10, '\0');
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const name = reinterpret_cast<sockaddr*>(&storage);
    const auto got = recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, name, &size);
    if (got < 0) return std::nullopt;
    if (from != nullptr) *from = Address::from_sockaddr(name);
    buffer.resize(static_cast<std::size_t>(got));
    return buffer;
  }
  // Whether something arrives within a moment; for what must not.
  bool hears_something(int milliseconds = 200) {
    pollfd wait{fd_.get(), POLLIN, 0};
    return poll(&wait, 1, milliseconds) > 0;
  }

 private:
  UniqueFd fd_;
  Address address_;
};

// Answers every datagram with itself, from the address that it was sent to.
class UdpEcho {
 public:
  UdpEcho() : stop_(eventfd(0, EFD_CLOEXEC)), thread_([this] { serve(); }) {}
  ~UdpEcho() {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }

  [[nodiscard]] const Address& address() const { return socket_.address(); }
  [[nodiscard]] int heard() const { return heard_; }

 private:
  void serve() {
    for (;;) {
      pollfd wait[] = {{socket_.fd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      poll(wait, 2, -1);
      if (wait[1].revents != 0) return;
      Address from;
      const auto bytes = socket_.receive(&from);
      if (!bytes) continue;
      ++heard_;
      socket_.send(*bytes, from);
    }
  }

  UdpSocket socket_;
  UniqueFd stop_;
  std::atomic<int> heard_ = 0;
  std::thread thread_;
};

// What a client puts before its payload.
inline std::string datagram_to(const Address& target, std::string_view payload) {
  std::array<char, kSocksDatagramHeaderMost> header{};
  const auto size = write_socks_datagram_header(target, header);
  return std::string(header.data(), size).append(payload);
}

inline std::string datagram_to(std::string_view name, std::uint16_t port,
                               std::string_view payload) {
  return std::string("\0\0\0\3", 4) + static_cast<char>(name.size()) + std::string(name) +
         static_cast<char>(port >> 8) + static_cast<char>(port & 255) + std::string(payload);
}

}  // namespace airlane::test
