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
constexpr std::array kTunnelOptions{
    Option{IPPROTO_TCP, TCP_NODELAY, 1},   Option{SOL_SOCKET, SO_KEEPALIVE, 1},
    Option{IPPROTO_TCP, TCP_KEEPIDLE, 30}, Option{IPPROTO_TCP, TCP_KEEPINTVL, 10},
    Option{IPPROTO_TCP, TCP_KEEPCNT, 3},   Option{IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000},
};

}  // namespace

Status set_tunnel_options(int fd) {
  for (const auto& option : kTunnelOptions) {
    if (setsockopt(fd, option.level, option.name, &option.value, sizeof option.value) != 0) {
      return Error{Errc::kSystem, "set socket options", errno};
    }
  }
  return Done{};
}

void reset_on_close(int fd) noexcept {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace airlane
