#include "proxy/connect.h"

#include <netinet/in.h>
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
    const auto step = flow_.upstream ? look() : attempt();
    if (step) return step;
    flow_.close_upstream();
    if (++candidate_ == flow_.handshake->candidates.size()) return step.error();
  }
}

Result<Step> Connect::attempt() {
  const auto& target = flow_.handshake->candidates[candidate_];
  auto opened = open(target.family());
  if (!opened) return opened.error();
  sockaddr_storage storage;
  const auto size = target.to_sockaddr(storage);
  if (connect(opened->get(), reinterpret_cast<sockaddr*>(&storage), size) != 0 &&
      errno != EINPROGRESS) {
    // Refused by our own table before a packet left: the dongle's route has just gone.
    const bool no_route = errno == EHOSTUNREACH || errno == ENETUNREACH;
    return Error{no_route ? Errc::kNoEgress : code_of(errno), "connect", errno};
  }
  flow_.upstream.take(*std::move(opened));
  flow_.upstream_egress = flow_.egress;
  const auto watched = flow_.upstream.watch();
  return watched ? Result<Step>(Step::kWait) : watched.error();
}

// The first event tells how it went, so connect(2) need not be asked again.
Result<Step> Connect::look() {
  const auto ready = flow_.upstream.ready();
  if (!ready.writable()) return Step::kWait;
  if (!ready.failed()) return Step::kNext;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(flow_.upstream.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) return Step::kNext;  // Connected, and ended since.
  return Error{code_of(error), "connect", error};
}

Result<UniqueFd> Connect::open(int family) const {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error{Errc::kOverLimit, "open socket", errno};
  const auto& name = flow_.egress->interface;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                 static_cast<socklen_t>(name.size())) != 0) {
    return Error{errno == ENODEV ? Errc::kNoEgress : Errc::kSystem, "bind to dongle", errno};
  }
  if (const auto set = send_at_once(fd.get()); !set) return set.error();
  if (const auto set = set_buffers(fd.get(), flow_.bench.socket_buffers); !set) return set.error();
  return fd;
}

}  // namespace airlane
