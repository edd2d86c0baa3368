#include "bench/net.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace airlane::bench {
namespace {

void set(int fd, int level, int option, int value) {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) die_of_errno("setsockopt");
}

UniqueFd open_socket(const Address& address, int type) {
  UniqueFd fd(::socket(address.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) die_of_errno("socket");
  return fd;
}

void bind_to(int fd, const Address& address, const Scope& scope) {
  const auto& device = scope.device;
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (scope.shared) set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (!device.empty() && ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.data(),
                                      static_cast<socklen_t>(device.size())) != 0) {
    die_of_errno("bind to " + device);
  }
  sockaddr_storage storage{};
  const auto size = address.to_sockaddr(storage);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    die_of_errno("bind " + address.to_string());
  }
}

ssize_t outcome(ssize_t n) {
  if (n >= 0) return n;
  return errno == EAGAIN || errno == EINTR ? kWouldBlock : kBroken;
}

}  // namespace

void die(const std::string& what) {
  std::fprintf(stderr, "airlane-bench: %s\n", what.c_str());
  std::exit(1);
}

void die_of_errno(const std::string& what) { die(what + ": " + std::strerror(errno)); }

Address address_or_die(const std::string& text) {
  const auto address = Address::parse_with_port(text);
  if (!address) die("not an address with a port: " + text);
  return *address;
}

UniqueFd listen_on(const Address& address, const Scope& scope) {
  auto fd = open_socket(address, SOCK_STREAM);
  bind_to(fd.get(), address, scope);
  set(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);  // What is accepted inherits it.
  if (::listen(fd.get(), 4096) != 0) die_of_errno("listen");
  return fd;
}

UniqueFd udp_on(const Address& address, const Scope& scope) {
  auto fd = open_socket(address, SOCK_DGRAM);
  set(fd.get(), SOL_SOCKET, SO_RCVBUF, 4 << 20);
  bind_to(fd.get(), address, scope);
  return fd;
}

UniqueFd accept_one(int listener) {
  UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) die_of_errno("accept");
  return fd;
}

UniqueFd begin_connect(const Address& address, int receive_buffer) {
  auto fd = open_socket(address, SOCK_STREAM);
  set(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (receive_buffer > 0) set(fd.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
  sockaddr_storage storage{};
  const auto size = address.to_sockaddr(storage);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0 &&
      errno != EINPROGRESS) {
    if (errno == EADDRNOTAVAIL) die("no port is left to connect to " + address.to_string());
    return {};
  }
  return fd;
}

void limit_send_buffer(int fd, int bytes) { set(fd, SOL_SOCKET, SO_SNDBUF, bytes); }

void raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

ssize_t read_some(int fd, void* data, std::size_t size, int flags) {
  return outcome(::recv(fd, data, size, flags));
}

ssize_t write_some(int fd, const void* data, std::size_t size) {
  return outcome(::send(fd, data, size, MSG_NOSIGNAL));
}

}  // namespace airlane::bench
