#include "proxy/resolver.h"

#include <ares.h>
#include <netdb.h>

#include <cerrno>
#include <new>
#include <optional>
#include <utility>

#include "base/event/watch.h"

namespace airlane {
namespace {

// Two tries of 2 s and 4 s: a lost datagram costs two seconds, a dead server less than the stage.
constexpr int kTimeoutMs = 2000;
constexpr int kTries = 2;

void initialise_library() {
  static const bool done = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  if (!done) throw std::bad_alloc();
}

// c-ares says "connection refused" for a socket that could not be bound, for a name server that is
// not there, and for one that answers SERVFAIL or REFUSED; only the first is the dongle's fault.
Errc code_of(int status, bool bound) {
  switch (status) {
    case ARES_ETIMEOUT:
      return Errc::kTimedOut;
    case ARES_ECONNREFUSED:
      return bound ? Errc::kUnresolved : Errc::kNoEgress;
    case ARES_EDESTRUCTION:
    case ARES_ECANCELLED:
      return Errc::kNoEgress;
    case ARES_ENOMEM:
      return Errc::kSystem;
    default:
      return Errc::kUnresolved;
  }
}

std::string server_list(const std::vector<Address>& servers) {
  std::string list;
  for (const auto& server : servers) {
    if (!list.empty()) list += ',';
    list += server.to_string();
  }
  return list;
}

}  // namespace

struct Resolver::Query::Pending {
  Query* query;  // Null when the question was withdrawn.
  std::uint16_t port;
  const Resolver* resolver;
};

struct Resolver::Socket {
  Socket(Resolver& resolver, int socket)
      : owner(resolver),
        fd(socket),
        watch(resolver.reactor_, Callback<void(Readiness)>::to<&Socket::on_ready>(*this)) {}

  void on_ready(Readiness ready) {
    auto& resolver = owner;  // This socket may be gone when c-ares returns.
    ares_process_fd(resolver.channel_.get(), ready.readable() ? fd : ARES_SOCKET_BAD,
                    ready.writable() ? fd : ARES_SOCKET_BAD);
    resolver.restart_alarm();
  }

  Resolver& owner;
  const int fd;
  Watch watch;
};

Resolver::Query::~Query() {
  if (pending_) pending_->query = nullptr;
}

Result<std::unique_ptr<Resolver>> Resolver::make(Reactor& reactor, std::string interface,
                                                 const std::vector<Address>& servers) {
  initialise_library();
  std::unique_ptr<Resolver> resolver(new Resolver(reactor, std::move(interface)));
  if (const auto opened = resolver->open(servers); !opened) return opened.error();
  return resolver;
}

Resolver::Resolver(Reactor& reactor, std::string interface)
    : reactor_(reactor),
      interface_(std::move(interface)),
      alarm_(reactor, Callback<void()>::to<&Resolver::on_time>(*this)) {}

Resolver::~Resolver() = default;

Status Resolver::open(const std::vector<Address>& servers) {
  ares_options options{};
  char lookups[] = "b";  // DNS only, no hosts file.
  options.lookups = lookups;
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.ndots = 1;
  options.sock_state_cb = [](void* self, int fd, int readable, int writable) noexcept {
    static_cast<Resolver*>(self)->watch(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  ares_channeldata* channel = nullptr;
  const int mask = ARES_OPT_LOOKUPS | ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                   ARES_OPT_NDOTS | ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&channel, &options, mask) != ARES_SUCCESS) {
    return Error{Errc::kSystem, "start resolver"};
  }
  channel_.reset(channel);
  ares_set_socket_configure_callback(channel, bind_socket, this);
  if (servers.empty() || ares_set_servers_ports_csv(channel, server_list(servers).c_str()) != 0) {
    return Error{Errc::kNoEgress, "set name servers"};
  }
  return Done{};
}

// Called by c-ares for every socket it makes, before the socket is used. A negative answer makes it
// close the socket and fail the question.
int Resolver::bind_socket(int fd, int, void* self) noexcept {
  auto& resolver = *static_cast<Resolver*>(self);
  const auto& name = resolver.interface_;
  resolver.bound_ = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                               static_cast<socklen_t>(name.size())) == 0;
  return resolver.bound_ ? 0 : -1;
}

void Resolver::ask(Query& query, const std::string& host, std::uint16_t port, bool want_v6) {
  auto pending = std::make_unique<Query::Pending>(Query::Pending{&query, port, this});
  query.pending_ = pending.get();
  const ares_addrinfo_hints hints{ARES_AI_NOSORT, want_v6 ? AF_UNSPEC : AF_INET, SOCK_STREAM, 0};
  const auto answered = [](void* arg, int status, int, ares_addrinfo* info) noexcept {
    const std::unique_ptr<Query::Pending> mine(static_cast<Query::Pending*>(arg));
    const Handle<ares_addrinfo, ares_freeaddrinfo> freed(info);
    if (!mine->query) return;
    Query& asker = *std::exchange(mine->query, nullptr);
    asker.pending_ = nullptr;
    std::vector<Address> addresses;
    for (auto* node = info ? info->nodes : nullptr; node; node = node->ai_next) {
      addresses.push_back(Address::from_sockaddr(node->ai_addr));
      addresses.back().set_port(mine->port);
    }
    const auto code =
        status == ARES_SUCCESS ? Errc::kUnresolved : code_of(status, mine->resolver->bound_);
    asker.answer_ = addresses.empty() ? std::make_unique<Answer>(Error{code, "resolve"})
                                      : std::make_unique<Answer>(std::move(addresses));
    asker.on_answer_();
  };
  ares_getaddrinfo(channel_.get(), host.c_str(), nullptr, &hints, answered, pending.release());
  restart_alarm();
}

// c-ares calls this from inside its own functions, and with neither before it closes the socket.
void Resolver::watch(int fd, bool readable, bool writable) {
  const auto found = sockets_.find(fd);
  if (!readable && !writable) {
    if (found != sockets_.end()) sockets_.erase(found);
    return;
  }
  const auto what = !writable   ? Watch::For::kReading
                    : !readable ? Watch::For::kWriting
                                : Watch::For::kBoth;
  if (found != sockets_.end()) return found->second->watch.change(what);
  auto& socket = sockets_.emplace(fd, std::make_unique<Socket>(*this, fd)).first->second;
  // A socket that cannot be watched is one that does not answer: c-ares gives up in time.
  (void)socket->watch.add(fd, what);
}

void Resolver::on_time() {
  ares_process_fd(channel_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  restart_alarm();
}

void Resolver::restart_alarm() {
  timeval storage{};
  const timeval* next = ares_timeout(channel_.get(), nullptr, &storage);
  if (!next) return alarm_.cancel();
  alarm_.start(std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec));
}

}  // namespace airlane
