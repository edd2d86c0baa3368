#include "proxy/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace airlane {
namespace {

struct Option {
  int level;
  int name;
  int value;
};
constexpr std::array kForLong{
    Option{SOL_SOCKET, SO_KEEPALIVE, 1},
    Option{IPPROTO_TCP, TCP_KEEPIDLE, 30},
    Option{IPPROTO_TCP, TCP_KEEPINTVL, 10},
    Option{IPPROTO_TCP, TCP_KEEPCNT, 3},
    Option{IPPROTO_TCP, TCP_NOTSENT_LOWAT, 128 << 10},
};

Status set(int fd, const Option& option) {
  if (setsockopt(fd, option.level, option.name, &option.value, sizeof option.value) == 0) {
    return Done{};
  }
  return Error{Errc::kSystem, "set socket options", errno};
}

// The kernel doubles what it is told (socket(7)).
int half(std::size_t bytes) { return static_cast<int>(bytes / 2); }

}  // namespace

Status send_at_once(int fd) { return set(fd, {IPPROTO_TCP, TCP_NODELAY, 1}); }

Status prepare_for_long(int fd) {
  for (const auto& option : kForLong) {
    if (const auto done = set(fd, option); !done) return done;
  }
  return Done{};
}

bool is_dead(int fd) noexcept {
  constexpr std::uint32_t kPatience = 30'000;  // Milliseconds.
  constexpr int kProbes = 2;                   // A live peer owes us the answer to one at most.
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return (info.tcpi_retransmits > 0 || info.tcpi_probes > kProbes) &&
         info.tcpi_last_ack_recv > kPatience;
}

Status set_buffers(int fd, std::size_t bytes) {
  if (const auto done = set_receive_buffer(fd, bytes); !done) return done;
  return set_send_buffer(fd, bytes);
}

Status set_receive_buffer(int fd, std::size_t bytes) {
  return bytes == 0 ? Status(Done{}) : set(fd, {SOL_SOCKET, SO_RCVBUF, half(bytes)});
}

Status set_send_buffer(int fd, std::size_t bytes) {
  return bytes == 0 ? Status(Done{}) : set(fd, {SOL_SOCKET, SO_SNDBUF, half(bytes)});
}

void cap_receive_buffer(int fd, int bytes) noexcept {
  if (bytes == 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

std::optional<Address> own_address(int fd) noexcept {
  sockaddr_storage storage;
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(fd, address, &size) != 0) return std::nullopt;
  return Address::from_sockaddr(address);
}

void reset_on_close(int fd) noexcept {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace airlane
