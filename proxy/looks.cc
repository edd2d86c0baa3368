#include "proxy/looks.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace airlane {

Status put_mark(int fd, const Looks& looks) {
  if (looks.mark == 0) return Done{};
  if (setsockopt(fd, SOL_SOCKET, SO_MARK, &looks.mark, sizeof looks.mark) == 0) return Done{};
  return Error{Errc::kSystem, "put on fingerprint", errno};
}

Status put_on(int fd, const Looks& looks) {
  if (const auto marked = put_mark(fd, looks); !marked) return marked;
  if (looks.window_clamp == 0) return Done{};
  const int clamp = looks.window_clamp;
  if (setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, sizeof clamp) == 0) return Done{};
  return Error{Errc::kSystem, "put on fingerprint", errno};
}

}  // namespace airlane
