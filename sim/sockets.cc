#include "sim/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace airlane::sim {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;

UniqueFd open_socket(int family, int type) {
  return UniqueFd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void switch_on(const UniqueFd& fd, int level, int option) {
  const int on = 1;
  setsockopt(fd.get(), level, option, &on, sizeof on);
}

UniqueFd bound(int type, const Address& address) {
  auto fd = open_socket(address.family(), type);
  if (!fd) return fd;
  switch_on(fd, SOL_SOCKET, SO_REUSEADDR);
  switch_on(fd, IPPROTO_IP, IP_FREEBIND);
  sockaddr_storage storage{};
  const auto length = address.to_sockaddr(storage);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0) fd.reset();
  return fd;
}

}  // namespace

UniqueFd listen_tcp(const Address& address) {
  auto fd = bound(SOCK_STREAM, address);
  if (fd && listen(fd.get(), kBacklog) != 0) fd.reset();
  return fd;
}

UniqueFd bind_udp(const Address& address) { return bound(SOCK_DGRAM, address); }

UniqueFd open_udp() { return open_socket(AF_INET, SOCK_DGRAM); }

UniqueFd connect_tcp(const Address& address) {
  auto fd = open_socket(address.family(), SOCK_STREAM);
  if (!fd) return fd;
  sockaddr_storage storage{};
  const auto length = address.to_sockaddr(storage);
  const int rc = connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), length);
  if (rc != 0 && errno != EINPROGRESS) fd.reset();
  return fd;
}

UniqueFd listen_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  const auto* address = reinterpret_cast<const sockaddr*>(&name);
  auto fd = open_socket(AF_UNIX, SOCK_STREAM);
  if (!fd) return fd;
  if (connect(fd.get(), address, sizeof name) == 0) {
    errno = EADDRINUSE;
    return {};
  }
  if (errno == ECONNREFUSED) unlink(path.c_str());
  fd = open_socket(AF_UNIX, SOCK_STREAM);
  if (!fd) return fd;
  if (bind(fd.get(), address, sizeof name) != 0 || listen(fd.get(), kBacklog) != 0) fd.reset();
  return fd;
}

bool send_datagram(int fd, const Address& to, std::string_view bytes) {
  sockaddr_storage storage{};
  const auto length = to.to_sockaddr(storage);
  return sendto(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL,
                reinterpret_cast<const sockaddr*>(&storage), length) >= 0;
}

std::optional<Datagram> receive_datagram(int fd) {
  static std::array<char, 65536> buffer;  // Of the one thread; empty between two calls.
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  const auto got = recvfrom(fd, buffer.data(), buffer.size(), 0, address, &length);
  if (got < 0) return std::nullopt;
  return Datagram{Address::from_sockaddr(address), {buffer.data(), static_cast<std::size_t>(got)}};
}

Acceptor::Acceptor(Loop& loop, UniqueFd listener, Accepted accepted)
    : listener_(std::move(listener)),
      accepted_(accepted),
      readable_(loop, listener_.get(), FdEvent::When::kReadable,
                Callback<void()>::to<&Acceptor::on_readable>(*this)) {
  readable_.arm();
}

void Acceptor::on_readable() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    const int fd = accept4(listener_.get(), address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    accepted_(fd, Address::from_sockaddr(address));
  }
}

}  // namespace airlane::sim
