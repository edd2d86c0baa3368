#include "proxy/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/event/watch.h"
#include "proxy/protocol/dns_answer.h"

namespace airlane {
namespace {

// Two tries of 2 s and 4 s with each server: a lost datagram costs two seconds, a dead server less
// than the stage.
constexpr int kTimeoutMs = 2000;
constexpr int kTries = 2;

// Whatever the zone says. A carrier's name servers give addresses near its own exits, and nobody
// waits a day for a name that has come into being.
constexpr std::chrono::seconds kFoundMost{3600};
constexpr std::chrono::seconds kNotFoundMost{300};
// Servers that fail are not asked again at once (RFC 9520, section 3.2).
constexpr std::chrono::seconds kFailed{1};

void initialise_library() {
  static const bool done = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  if (!done) throw std::bad_alloc();
}

// c-ares says "connection refused" for a socket that could not be bound, for a name server that is
// not there, and for one that answers SERVFAIL or REFUSED; only the first is the dongle's fault.
Errc code_of(int status, bool bound) {
  switch (status) {
    case ARES_ETIMEOUT:
      return Errc::kNamesTimedOut;
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

std::shared_ptr<const NameAnswer> failed(Errc code, const char* during = "resolve") {
  return std::make_shared<const NameAnswer>(Error{code, during});
}

}  // namespace

struct Resolver::Question {
  Question(Resolver& asked, const NameKey& what) : resolver(asked), key(what) {}
  Question(Question&&) = delete;

  Resolver& resolver;
  const NameKey key;
  Query* askers = nullptr;
  std::shared_ptr<const Answer> answer;
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
    resolver.deliver();
    resolver.restart_alarm();
  }

  Resolver& owner;
  const int fd;
  Watch watch;
};

void Resolver::Query::join(Query*& askers) noexcept {
  leave();
  next_ = askers;
  if (next_) next_->self_ = &next_;
  askers = this;
  self_ = &askers;
}

void Resolver::Query::leave() noexcept {
  if (!self_) return;
  *self_ = next_;
  if (next_) next_->self_ = self_;
  next_ = nullptr;
  self_ = nullptr;
}

Result<std::unique_ptr<Resolver>> Resolver::make(Reactor& reactor, std::string interface,
                                                 const std::vector<Address>& servers,
                                                 std::size_t names_most, const Looks& looks) {
  initialise_library();
  std::unique_ptr<Resolver> resolver(
      new Resolver(reactor, std::move(interface), servers, names_most, looks));
  if (const auto opened = resolver->open(); !opened) return opened.error();
  return resolver;
}

Resolver::Resolver(Reactor& reactor, std::string interface, const std::vector<Address>& servers,
                   std::size_t names_most, const Looks& looks)
    : reactor_(reactor),
      interface_(std::move(interface)),
      names_most_(names_most),
      looks_(looks),
      servers_(servers),
      cache_(names_most),
      alarm_(reactor, Callback<void()>::to<&Resolver::on_time>(*this)) {}

Resolver::~Resolver() {
  channel_.reset();  // Which ends every open question.
  deliver();
}

Status Resolver::open() {
  ares_options options{};
  char lookups[] = "b";  // DNS only, no hosts file.
  char nothing[] = "/dev/null";
  options.lookups = lookups;
  options.resolvconf_path = nothing;
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.ndots = 1;
  options.sock_state_cb = [](void* self, int fd, int readable, int writable) noexcept {
    static_cast<Resolver*>(self)->watch(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  ares_channeldata* channel = nullptr;
  const int mask = ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS |
                   ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_DOMAINS | ARES_OPT_NOROTATE |
                   ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&channel, &options, mask) != ARES_SUCCESS) {
    return Error{Errc::kSystem, "start resolver"};
  }
  channel_.reset(channel);
  ares_set_socket_configure_callback(channel, bind_socket, this);
  return use_servers();
}

Status Resolver::use_servers() {
  if (servers_.empty() ||
      ares_set_servers_ports_csv(channel_.get(), server_list(servers_).c_str()) != ARES_SUCCESS) {
    return Error{Errc::kNoEgress, "set name servers"};
  }
  return Done{};
}

// Called by c-ares for every socket it makes, before the socket is used. A negative answer makes it
// close the socket and fail the question.
int Resolver::bind_socket(int fd, int type, void* self) noexcept {
  auto& resolver = *static_cast<Resolver*>(self);
  const auto& name = resolver.interface_;
  resolver.bound_ = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                               static_cast<socklen_t>(name.size())) == 0 &&
                    (type == SOCK_STREAM ? put_on : put_mark)(fd, resolver.looks_);
  return resolver.bound_ ? 0 : -1;
}

void Resolver::ask(Query& query, std::string_view host, int family) {
  query.leave();
  const NameKey key(host, family);
  query.answer_ = cache_.find(key, reactor_.now());
  if (query.answer_) return;
  if (const auto open = open_.find(key.text()); open != open_.end()) {
    return query.join(open->second->askers);
  }
  if (!key.fits()) {
    query.answer_ = failed(Errc::kUnresolved);
  } else if (open_.size() >= names_most_) {
    query.answer_ = failed(Errc::kOverLimit, "limit names");
  } else {
    auto question = std::make_unique<Question>(*this, key);
    auto& asked = *question;
    query.join(asked.askers);
    open_.emplace(asked.key.text(), std::move(question));
    begin(asked);
  }
}

// The answer may come at once, when no server can be reached; its asker is told in a later turn.
void Resolver::begin(Question& question) {
  if (pass_over_first_ && open_.size() == 1) {  // With a question on its way c-ares refuses it.
    pass_over_first_ = false;
    std::rotate(servers_.begin(), servers_.begin() + 1, servers_.end());
    (void)use_servers();  // These have been good before.
  }
  const auto answered = [](void* arg, int status, int timeouts, unsigned char* message,
                           int size) noexcept {
    auto& mine = *static_cast<Question*>(arg);
    mine.resolver.on_message(mine, status, timeouts, message, size);
  };
  ares_query(channel_.get(), question.key.name(), ns_c_in,
             question.key.family() == AF_INET6 ? ns_t_aaaa : ns_t_a, answered, &question);
  restart_alarm();
}

void Resolver::on_message(Question& question, int status, int timeouts,
                          const unsigned char* message, int size) {
  const auto kept = read(question, status, message, size);
  if (kept.count() > 0) cache_.keep(question.key, question.answer, reactor_.now() + kept);
  if (timeouts > 0 && message && servers_.size() > 1) pass_over_first_ = true;
  const auto open = open_.find(question.key.text());
  answered_.push_back(std::move(open->second));
  open_.erase(open);
}

// Fills in the answer; for how long it may be remembered.
std::chrono::seconds Resolver::read(Question& question, int status, const unsigned char* message,
                                    int size) {
  const bool is_answer =
      status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
  auto found = is_answer && message ? read_dns_answer({message, static_cast<std::size_t>(size)},
                                                      question.key.family())
                                    : std::nullopt;
  if (!found) {
    const auto code = code_of(status, bound_);
    question.answer = failed(code);
    const bool is_ours = code == Errc::kNoEgress || code == Errc::kSystem;
    return is_ours ? std::chrono::seconds(0) : kFailed;
  }
  const std::chrono::seconds ttl(found->ttl);
  if (found->addresses.empty() || status == ARES_ENOTFOUND) {
    question.answer = failed(Errc::kUnresolved);
    return std::min(ttl, kNotFoundMost);
  }
  question.answer = std::make_shared<const Answer>(std::move(found->addresses));
  return std::min(ttl, kFoundMost);
}

// Never from inside c-ares: who is told may ask again, or be destroyed and so withdraw.
void Resolver::deliver() {
  while (!answered_.empty()) {
    const auto question = std::move(answered_.back());
    answered_.pop_back();
    while (question->askers) {
      auto& asker = *question->askers;
      asker.leave();
      asker.answer_ = question->answer;
      asker.on_answer_();
    }
  }
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
  deliver();
  restart_alarm();
}

void Resolver::restart_alarm() {
  if (!answered_.empty()) return alarm_.start(std::chrono::nanoseconds(0));
  timeval storage{};
  const timeval* next = ares_timeout(channel_.get(), nullptr, &storage);
  if (!next) return alarm_.cancel();
  alarm_.start(std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec));
}

}  // namespace airlane
