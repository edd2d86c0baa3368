// Both ends of a conversation over loopback TCP, for tests: a blocking client and a server that
// runs a function for every connection on a thread of its own. Every wait ends after ten seconds,
// so a hang is a failed expectation.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/unique_fd.h"

namespace airlane::test {

inline Address loopback(std::uint16_t port) { return *Address::parse("127.0.0.1", port); }

// A connected blocking stream.
class Stream {
 public:
  explicit Stream(UniqueFd fd) : fd_(std::move(fd)) {
    const timeval limit{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  static Stream connect(std::uint16_t port) {
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage storage;
    const auto size = loopback(port).to_sockaddr(storage);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) fd.reset();
    return Stream(std::move(fd));
  }

  [[nodiscard]] bool connected() const { return static_cast<bool>(fd_); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // What arrives until `size` bytes are there, or less if the stream ends or breaks first.
  std::string read(std::size_t size) {
    std::string out;
    std::string buffer(64 << 10, '\0');
    while (out.size() < size) {
      const auto got =
          recv(fd_.get(), buffer.data(), std::min(buffer.size(), size - out.size()), 0);
      if (got <= 0) {
        last_error_ = got < 0 ? errno : 0;
        break;
      }
      out.append(buffer, 0, static_cast<std::size_t>(got));
    }
    return out;
  }
  std::string read_to_end() { return read(SIZE_MAX); }
  // Up to and with `mark`.
  std::string read_until(std::string_view mark) {
    std::string out;
    while (!out.ends_with(mark)) {
      const auto byte = read(1);
      if (byte.empty()) break;
      out += byte;
    }
    return out;
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  void end() { shutdown(fd_.get(), SHUT_WR); }
  void reset() {
    const linger now{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
  }

  // After a short read: 0 for a clean end, or the error (ECONNRESET, EAGAIN for the time limit).
  [[nodiscard]] int last_error() const { return last_error_; }

 private:
  UniqueFd fd_;
  int last_error_ = 0;
};

// Listens on 127.0.0.1, on a port of the kernel's choice; one thread per connection.
class Server {
 public:
  explicit Server(std::function<void(Stream&)> serve)
      : serve_(std::move(serve)), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage storage;
    auto size = loopback(0).to_sockaddr(storage);
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    if (bind(fd_.get(), address, size) != 0 || listen(fd_.get(), 64) != 0) {
      throw std::runtime_error("listen");
    }
    getsockname(fd_.get(), address, &size);
    port_ = Address::from_sockaddr(address).port();
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~Server() {
    shutdown(fd_.get(), SHUT_RDWR);  // Wakes accept().
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    for (;;) {
      UniqueFd fd(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) return;
      ++connections_;
      threads_.emplace_back([this, stream = Stream(std::move(fd))]() mutable { serve_(stream); });
    }
  }

  std::function<void(Stream&)> serve_;
  UniqueFd fd_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A port on which nobody listens, as far as anybody can promise.
inline std::uint16_t free_port() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  auto size = loopback(0).to_sockaddr(storage);
  bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  return Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)).port();
}

}  // namespace airlane::test
