#include "proxy/bind.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "proxy/destination.h"
#include "proxy/socket_options.h"

namespace airlane {
namespace {

constexpr int kBacklog = 4;

}  // namespace

bool names_nobody(const Target& target) noexcept {
  static constexpr std::array<std::uint8_t, 16> kZeros{};
  return target.literal &&
         std::equal(target.literal->bytes(), target.literal->bytes() + target.literal->size(),
                    kZeros.begin());
}

Result<Step> Bind::advance() {
  if (!listener_) {
    if (const auto begun = begin(); !begun) return begun.error();
  }
  if (flow_.client.ready().ended()) return Step::kDone;  // It has lost patience.
  return accept_peer();
}

Status Bind::begin() {
  if (!flow_.egress || !flow_.egress->up) return Error{Errc::kNoEgress, "choose egress"};
  auto address = own_address();
  if (!address) return address.error();
  auto opened = open(SOCK_STREAM, address->family());
  if (!opened) return opened.error();
  if (const auto set = set_buffers(opened->get(), flow_.bench.socket_buffers); !set) return set;
  sockaddr_storage storage;
  auto size = address->to_sockaddr(storage);
  auto* const name = reinterpret_cast<sockaddr*>(&storage);
  if (bind(opened->get(), name, size) != 0 || listen(opened->get(), kBacklog) != 0 ||
      getsockname(opened->get(), name, &size) != 0) {
    return Error{Errc::kSystem, "listen on dongle", errno};
  }
  listener_.take(*std::move(opened));
  if (const auto watched = listener_.watch(); !watched) return watched;
  return flow_.client.send_whole(success_of(flow_, Address::from_sockaddr(name)), "answer");
}

// The one that packets to the peer would carry. Connecting a UDP socket sends nothing.
Result<Address> Bind::own_address() const {
  const auto& peers = flow_.handshake->candidates;
  if (peers.empty() && flow_.egress->dns_servers.empty()) {
    return Error{Errc::kNoEgress, "look up dongle's address"};
  }
  const auto towards = peers.empty() ? flow_.egress->dns_servers.front() : peers.front();
  const auto probe = open(SOCK_DGRAM, towards.family());
  if (!probe) return probe.error();
  sockaddr_storage storage;
  auto size = towards.to_sockaddr(storage);
  auto* const name = reinterpret_cast<sockaddr*>(&storage);
  if (connect(probe->get(), name, size) != 0) {
    return Error{Errc::kNoEgress, "look up dongle's address", errno};
  }
  size = sizeof storage;
  if (getsockname(probe->get(), name, &size) != 0) {
    return Error{Errc::kSystem, "look up dongle's address", errno};
  }
  auto own = Address::from_sockaddr(name);
  own.set_port(0);
  return own;
}

Result<UniqueFd> Bind::open(int type, int family) const {
  UniqueFd fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error{Errc::kOverLimit, "open socket", errno};
  const auto& name = flow_.egress->interface;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                 static_cast<socklen_t>(name.size())) != 0) {
    return Error{errno == ENODEV ? Errc::kNoEgress : Errc::kSystem, "bind to dongle", errno};
  }
  if (const auto marked = put_mark(fd.get(), flow_.proxy->looks); !marked) return marked.error();
  return fd;
}

Result<Step> Bind::accept_peer() {
  for (;;) {
    sockaddr_storage storage;
    socklen_t size = sizeof storage;
    UniqueFd fd(accept4(listener_.fd(), reinterpret_cast<sockaddr*>(&storage), &size,
                        SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::kWait;
    if (!fd && errno == ECONNABORTED) continue;
    if (!fd) return Error{Errc::kOverLimit, "accept", errno};
    const auto peer = Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
    if (!is_expected(peer)) continue;  // Closed without a word; the right one may still come.
    if (const auto set = send_at_once(fd.get()); !set) return set.error();
    flow_.upstream.take(std::move(fd), Readiness(Readiness::kReadable | Readiness::kWritable));
    flow_.upstream_egress = flow_.egress;  // And its looks are never asked for: it is a tunnel's.
    if (const auto watched = flow_.upstream.watch(); !watched) return watched.error();
    flow_.handshake->candidates.assign(1, peer);  // Whom the second answer is about.
    return Step::kNext;
  }
}

bool Bind::is_expected(const Address& peer) const {
  const auto& peers = flow_.handshake->candidates;
  if (peers.empty()) return !flow_.why_not(peer, {});
  return std::any_of(peers.begin(), peers.end(),
                     [&](const Address& one) { return one.same_ip(peer); });
}

}  // namespace airlane
