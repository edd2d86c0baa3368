#include "proxy/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "proxy/socket_options.h"

namespace airlane {
namespace {

Errc code_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return Errc::kRefused;
    case ETIMEDOUT:
      return Errc::kTimedOut;
    case ENODEV:
    case ENETDOWN:
    case EADDRNOTAVAIL:
      return Errc::kNoEgress;
    case ENETUNREACH:
    case EHOSTUNREACH:
      return Errc::kUnreachable;
    case ECONNRESET:
      return Errc::kBroken;
    default:
      return Errc::kSystem;
  }
}

}  // namespace

Result<Step> Connect::advance() {
  for (;;) {
    const auto step = attempt();
    if (step) return step;
    flow_.close_upstream();
    if (++candidate_ == flow_.candidates.size()) return step.error();
  }
}

Result<Step> Connect::attempt() {
  const bool first = !flow_.upstream;
  if (first) {
    if (const auto opened = open(); !opened) return opened.error();
  }
  sockaddr_storage storage;
  const auto size = flow_.candidates[candidate_].to_sockaddr(storage);
  // Asked again, connect(2) tells how it went: 0 or EISCONN, EALREADY, or what stopped it.
  if (connect(flow_.upstream.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0 ||
      errno == EISCONN) {
    if (first) flow_.watch_upstream();
    return Step::kNext;
  }
  if (errno != EINPROGRESS && errno != EALREADY) {
    // Refused by our own table before a packet left: the dongle's route has just gone.
    const bool no_route = first && (errno == EHOSTUNREACH || errno == ENETUNREACH);
    return Error{no_route ? Errc::kNoEgress : code_of(errno), "connect", errno};
  }
  if (first) flow_.watch_upstream();
  return Step::kWait;
}

Status Connect::open() {
  const int family = flow_.candidates[candidate_].family();
  flow_.upstream_egress = flow_.egress;
  flow_.upstream.reset(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!flow_.upstream) return Error{Errc::kOverLimit, "open socket", errno};
  const int fd = flow_.upstream.get();
  const auto& name = flow_.egress->interface;
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                 static_cast<socklen_t>(name.size())) != 0) {
    return Error{errno == ENODEV ? Errc::kNoEgress : Errc::kSystem, "bind to dongle", errno};
  }
  return set_tunnel_options(fd);
}

}  // namespace airlane
