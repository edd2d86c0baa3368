#include "proxy/accept.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "proxy/socket_options.h"

namespace airlane {
namespace {

constexpr int kBacklog = 4096;      // The kernel caps it at net.core.somaxconn.
constexpr int kPatience = 8;        // So many full batches in a row, and the next are larger.
constexpr int kMostPerWakeUp = 64;  // So that a flood does not starve the running sessions.
constexpr std::chrono::milliseconds kPause{100};

Error failure(const char* during) { return Error{Errc::kSystem, during, errno}; }

}  // namespace

Result<UniqueFd> open_listener(const Address& where, const ListenerOptions& options) {
  UniqueFd fd(socket(where.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failure("open listener");
  const int on = 1;
  const int off = 0;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (options.shared && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
      (!where.is_v4() && setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)) {
    return failure("set listener options");
  }
  if (const auto set = send_at_once(fd.get()); !set) return set.error();
  if (const auto set = prepare_for_long(fd.get()); !set) return set.error();
  if (const auto set = set_buffers(fd.get(), options.socket_buffers); !set) return set.error();
  // In all of our protocols the client speaks first. One that does not is given to us after a
  // second, to be timed out.
  if (setsockopt(fd.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on) != 0) {
    return failure("set listener options");
  }
  sockaddr_storage storage;
  const auto size = where.to_sockaddr(storage);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) return failure("bind");
  if (listen(fd.get(), kBacklog) != 0) return failure("listen");
  return fd;
}

std::optional<Address> listening_address(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return {};
  sockaddr_storage storage{};
  size = sizeof storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage));
}

Listener::Listener(Reactor& reactor, UniqueFd socket, std::uint16_t port, Acceptor& acceptor)
    : socket_(std::move(socket)),
      port_(port),
      acceptor_(acceptor),
      watch_(reactor, Callback<void(Readiness)>::to<&Listener::on_ready>(*this)),
      pause_(reactor, Callback<void()>::to<&Listener::resume>(*this)) {
  resume();
}

void Listener::resume() {
  if (!watch_.add(socket_.get(), Watch::For::kReading)) pause_.start(kPause);
}

// To ask for a connection that is not there costs the kernel a socket made and thrown away. So we
// take as many as there have been lately, and are woken again if there are more.
void Listener::on_ready(Readiness) {
  for (int i = 0; i < batch_; ++i) {
    sockaddr_storage storage;
    socklen_t size = sizeof storage;
    UniqueFd client(accept4(socket_.get(), reinterpret_cast<sockaddr*>(&storage), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client) {
      const auto source = Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage));
      acceptor_.accepted(std::move(client), source, port_);
    } else if (errno == EAGAIN) {
      batch_ = std::max(1, i);
      full_batches_ = 0;
      return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the queue and would wake us for ever: look again a little later.
      watch_.remove();
      pause_.start(kPause);
      return;
    }  // Anything else concerns a client that has already gone.
  }
  if (++full_batches_ < kPatience) return;
  batch_ = std::min(batch_ * 2, kMostPerWakeUp);
  full_batches_ = 0;
}

}  // namespace airlane
