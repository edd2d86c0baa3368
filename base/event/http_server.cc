#include "base/event/http_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <map>
#include <new>
#include <utility>
#include <vector>

#include "base/event/http_framing.h"
#include "base/event/http_listen.h"
#include "base/event/http_pending.h"
#include "base/event/http_refusal.h"
#include "base/event/timer.h"
#include "base/event/tls_stream.h"

namespace airlane {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kLeave{1000};  // For a client to read why, and to go.

using Evhttp = Handle<evhttp, evhttp_free>;

}  // namespace

// Every connection that evhttp has accepted, with its deadline.
class HttpServer::Connections {
 public:
  Connections(Loop& loop, const Limits& limits, Handler handler, Manners manners);
  Connections(Connections&&) = delete;
  ~Connections();

  bool add_listener(UniqueFd fd, Wire wire);
  void show(std::shared_ptr<const TlsServerContext> certificates) {
    certificates_ = std::move(certificates);
  }
  void resume_listeners();
  [[nodiscard]] std::size_t count() const { return known_.size(); }

 private:
  struct Connection {
    Connection(Connections& all_of_them, evhttp_connection* made);
    ~Connection() {
      evbuffer_remove_cb_entry(output, watch);
      evbuffer_remove_cb_entry(input, listener);
    }
    void expire();
    [[nodiscard]] int fd() const { return bufferevent_getfd(stream); }

    Connections& all;
    evhttp_connection* handle;
    bufferevent* stream;
    evbuffer* output;
    evbuffer_cb_entry* watch;
    evbuffer* input;
    evbuffer_cb_entry* listener;
    bool secure;
    bool begun = false;      // A request, and not all of it is here.
    bool leaving = false;    // It has been told why.
    bool rewording = false;  // What evhttp says by itself.
    Caller caller;
    std::weak_ptr<HttpReply::Pending> pending;
    Timer reading;
  };

  // evhttp does not tell by which listener somebody came, so those for TLS have one of their own.
  struct Side {
    Connections& all;
    const Wire wire;
    Evhttp http;
  };

  static void on_accept_failed(evconnlistener* listener, void* http) noexcept;
  static bufferevent* on_accept(event_base* base, void* side) noexcept;
  static void adopt_newborn(evutil_socket_t, short, void* self) noexcept;
  static void on_output(evbuffer*, const evbuffer_cb_info* change, void* connection) noexcept;
  static void on_input(evbuffer*, const evbuffer_cb_info* change, void* connection) noexcept;
  static void put_into_our_words(evutil_socket_t, short, void* self) noexcept;
  static void on_request(evhttp_request* request, void* self) noexcept;
  static void on_answered(evhttp_request* request, void* connection) noexcept;
  static void on_close(evhttp_connection* handle, void* self) noexcept;
  void prepare(Side& side);
  void adopt(bufferevent* stream);
  [[nodiscard]] bool is_full_for(const Connection& connection) const;

  Loop& loop_;
  const Limits limits_;
  const Handler handler_;
  const Manners manners_;
  std::shared_ptr<const TlsServerContext> certificates_;
  std::vector<bufferevent*> newborn_;  // Each with a reference of ours.
  Handle<event, event_free> adopt_;
  std::vector<evhttp_connection*> refusing_;  // What evhttp says there is still in their buffers.
  Handle<event, event_free> refuse_;
  std::map<evhttp_connection*, Connection> known_;
  Timer pause_;
  Side plain_{*this, Wire::kPlain, {}};
  Side tls_{*this, Wire::kTls, {}};
  std::vector<evconnlistener*> listeners_;  // evhttp's.

  static thread_local std::vector<Connections*> servers_of_this_thread;
};

thread_local std::vector<HttpServer::Connections*> HttpServer::Connections::servers_of_this_thread;

HttpServer::Connections::Connections(Loop& loop, const Limits& limits, Handler handler,
                                     Manners manners)
    : loop_(loop),
      limits_(limits),
      handler_(std::move(handler)),
      manners_(manners ? std::move(manners) : [](bool) { return HttpFields(); }),
      adopt_(event_new(loop.get(), -1, 0, adopt_newborn, this)),
      refuse_(event_new(loop.get(), -1, 0, put_into_our_words, this)),
      pause_(loop, Callback<void()>::to<&Connections::resume_listeners>(*this)) {
  if (!adopt_ || !refuse_) throw std::bad_alloc();
  prepare(plain_);
  prepare(tls_);
}

void HttpServer::Connections::prepare(Side& side) {
  side.http.reset(evhttp_new(loop_.get()));
  evhttp* const http = side.http.get();
  if (!http) throw std::bad_alloc();
  evhttp_set_max_headers_size(http, static_cast<ev_ssize_t>(limits_.header));
  evhttp_set_max_body_size(http, static_cast<ev_ssize_t>(limits_.body));
  evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                       EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
                                       EVHTTP_REQ_PATCH);
  // Reads the rest of a body that is too large, so that the client reads the 413.
  evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE);
  evhttp_set_bevcb(http, on_accept, &side);
  evhttp_set_gencb(http, on_request, this);
}

HttpServer::Connections::~Connections() {
  std::erase(servers_of_this_thread, this);
  // Closes every connection, and tells on_close, while the members are alive.
  plain_.http.reset();
  tls_.http.reset();
  for (bufferevent* const stream : newborn_) bufferevent_decref(stream);
}

bool HttpServer::Connections::add_listener(UniqueFd fd, Wire wire) {
  if (wire == Wire::kTls && !certificates_) return false;
  evhttp* const http = (wire == Wire::kTls ? tls_ : plain_).http.get();
  evhttp_bound_socket* const bound = evhttp_accept_socket_with_handle(http, fd.get());
  if (!bound) return false;
  (void)fd.release();  // evhttp closes it.
  listeners_.push_back(evhttp_bound_socket_get_listener(bound));
  evconnlistener_set_error_cb(listeners_.back(), on_accept_failed);
  // Where it is asked, which may be another thread than where it was made.
  if (std::find(servers_of_this_thread.begin(), servers_of_this_thread.end(), this) ==
      servers_of_this_thread.end()) {
    servers_of_this_thread.push_back(this);
  }
  return true;
}

// Out of descriptors, most likely. The connection stays in the queue and would wake us for ever,
// and libevent would write a line each time. All that evhttp lets us know is its own address.
void HttpServer::Connections::on_accept_failed(evconnlistener*, void* http) noexcept {
  for (auto* const all : servers_of_this_thread) {
    if (all->plain_.http.get() != http && all->tls_.http.get() != http) continue;
    for (auto* const listener : all->listeners_) evconnlistener_disable(listener);
    all->pause_.start(kAcceptPause);
  }
}

void HttpServer::Connections::resume_listeners() {
  for (auto* const listener : listeners_) evconnlistener_enable(listener);
}

// evhttp tells nobody about a new connection but asks for its bufferevent, and only then makes the
// connection. So we remember the bufferevent and look at it a moment later in the same turn of the
// loop, before anything can have happened on it.
//
// No read time-out: evhttp's own would also run while an answer is written, and its timer starts
// again with every byte of a slow head. `Connection::reading` does neither.
bufferevent* HttpServer::Connections::on_accept(event_base* base, void* side) noexcept {
  auto& [all, wire, http] = *static_cast<Side*>(side);
  bufferevent* const stream = wire == Wire::kTls ? new_tls_stream(base, all.certificates_)
                                                 : bufferevent_socket_new(base, -1, 0);
  if (!stream) return nullptr;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(all.limits_.writing);
  const std::chrono::microseconds rest = all.limits_.writing - seconds;
  const timeval writing{seconds.count(), rest.count()};
  bufferevent_set_timeouts(stream, nullptr, &writing);
  // While an answer is written evhttp reads on; what it may pile up has to end somewhere.
  bufferevent_setwatermark(stream, EV_READ, 0, all.limits_.body + all.limits_.header);
  bufferevent_incref(stream);
  all.newborn_.push_back(stream);
  event_active(all.adopt_.get(), EV_TIMEOUT, 0);
  return stream;
}

void HttpServer::Connections::adopt_newborn(evutil_socket_t, short, void* self) noexcept {
  auto& all = *static_cast<Connections*>(self);
  for (bufferevent* const stream : std::exchange(all.newborn_, {})) {
    all.adopt(stream);
    bufferevent_decref(stream);
  }
}

void HttpServer::Connections::adopt(bufferevent* stream) {
  // evhttp names the connection as the argument of its own callbacks, and takes them away when it
  // frees it.
  void* owner = nullptr;
  bufferevent_event_cb alive = nullptr;
  bufferevent_getcb(stream, nullptr, nullptr, &alive, &owner);
  if (!alive) return;
  auto* const handle = static_cast<evhttp_connection*>(owner);
  assert(evhttp_connection_get_bufferevent(handle) == stream);
  auto& connection = known_.try_emplace(handle, *this, handle).first->second;
  evhttp_connection_set_closecb(handle, on_close, this);
  if (is_full_for(connection)) return evhttp_connection_free(handle);
  if (connection.caller.credentials) {
    const auto body = static_cast<ev_ssize_t>(limits_.local_body);
    evhttp_connection_set_max_body_size(handle, body);
    bufferevent_setwatermark(stream, EV_READ, 0, limits_.local_body + limits_.header);
  }
  connection.reading.start(limits_.reading);
}

bool HttpServer::Connections::is_full_for(const Connection& connection) const {
  if (known_.size() > limits_.connections) return true;
  if (connection.caller.credentials) return false;
  std::size_t same = 0;
  std::vector<const Connection*> idle;
  for (const auto& [handle, other] : known_) {
    if (other.caller.credentials || !other.caller.peer.same_ip(connection.caller.peer)) continue;
    ++same;
    if (other.pending.expired()) idle.push_back(&other);
  }
  if (same > limits_.connections_per_peer) return true;
  if (idle.size() <= limits_.idle_per_peer) return false;
  // Only here it matters enough to ask the kernel.
  std::erase_if(idle, [](const Connection* other) { return is_unread(other->fd()); });
  return idle.size() > limits_.idle_per_peer;
}

void HttpServer::Connections::Connection::expire() {
  if (!begun || leaving) return evhttp_connection_free(handle);  // on_close() follows.
  leaving = true;
  // What the client still sends is taken, else the kernel's reset would take the answer away.
  bufferevent_setcb(
      stream,
      [](bufferevent*, void* self) {
        evbuffer_drain(static_cast<Connection*>(self)->input, SIZE_MAX);
      },
      nullptr,
      [](bufferevent*, short, void* self) {
        evhttp_connection_free(static_cast<Connection*>(self)->handle);
      },
      this);
  bufferevent_enable(stream, EV_READ | EV_WRITE);  // evhttp does one after the other.
  rewording = true;
  add_timeout_refusal(output, all.manners_(secure));
  rewording = false;
  reading.start(kLeave);
}

void HttpServer::Connections::on_input(evbuffer*, const evbuffer_cb_info* change,
                                       void* connection) noexcept {
  if (change->n_added != 0) static_cast<Connection*>(connection)->begun = true;
}

HttpServer::Connections::Connection::Connection(Connections& all_of_them, evhttp_connection* made)
    : all(all_of_them),
      handle(made),
      stream(evhttp_connection_get_bufferevent(made)),
      output(bufferevent_get_output(stream)),
      watch(evbuffer_add_cb(output, on_output, this)),
      input(bufferevent_get_input(stream)),
      listener(evbuffer_add_cb(input, on_input, this)),
      secure(is_tls(stream)),
      caller(caller_of(fd())),
      reading(all.loop_, Callback<void()>::to<&Connection::expire>(*this)) {
  if (caller.credentials) return;
  // Else the end of an answer in several packets waits for the client's delayed acknowledgement.
  const int yes = 1;
  setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

// Bytes that go out and are not ours are evhttp's: they are looked at later in the same turn of the
// loop, when all of them are there and none has been sent.
void HttpServer::Connections::on_output(evbuffer*, const evbuffer_cb_info* change,
                                        void* connection) noexcept {
  auto& self = *static_cast<Connection*>(connection);
  const auto pending = self.pending.lock();
  if (change->n_added == 0 || self.rewording || (pending && pending->speaking)) return;
  auto& all = self.all;
  if (std::find(all.refusing_.begin(), all.refusing_.end(), self.handle) != all.refusing_.end()) {
    return;
  }
  all.refusing_.push_back(self.handle);
  event_active(all.refuse_.get(), EV_TIMEOUT, 0);
}

void HttpServer::Connections::put_into_our_words(evutil_socket_t, short, void* self) noexcept {
  auto& all = *static_cast<Connections*>(self);
  for (auto* const handle : std::exchange(all.refusing_, {})) {
    const auto found = all.known_.find(handle);
    if (found == all.known_.end()) continue;
    Connection& connection = found->second;
    connection.rewording = true;
    connection.leaving |= replace_refusal(connection.output, all.manners_(connection.secure));
    connection.rewording = false;
  }
}

void HttpServer::Connections::on_request(evhttp_request* request, void* self) noexcept {
  auto& all = *static_cast<Connections*>(self);
  const auto found = all.known_.find(evhttp_request_get_connection(request));
  assert(found != all.known_.end());
  Connection& connection = found->second;
  connection.reading.cancel();
  auto pending = std::make_shared<HttpReply::Pending>(request);
  connection.pending = pending;
  evhttp_request_set_on_complete_cb(request, on_answered, &connection);
  HttpRequest message = request_of(*request);
  const bool needs_host = request->major > 1 || request->minor > 0;
  if (const auto wrong = wrong_framing(message.headers, needs_host); !wrong.empty()) {
    return pending->refuse(wrong, all.manners_(connection.secure));
  }
  message.peer = connection.caller.peer;
  message.secure = connection.secure;
  message.credentials = connection.caller.credentials;
  all.handler_(std::move(message), HttpReply(std::move(pending)));
}

void HttpServer::Connections::on_answered(evhttp_request*, void* connection) noexcept {
  auto& self = *static_cast<Connection*>(connection);
  self.begun = evbuffer_get_length(self.input) != 0;
  self.reading.start(self.all.limits_.reading);
}

void HttpServer::Connections::on_close(evhttp_connection* handle, void* self) noexcept {
  auto& all = *static_cast<Connections*>(self);
  const auto found = all.known_.find(handle);
  if (found == all.known_.end()) return;
  if (const auto pending = found->second.pending.lock()) pending->lose_connection();
  end_tls(evhttp_connection_get_bufferevent(handle));
  all.known_.erase(found);
}

HttpServer::HttpServer(Loop& loop, const Limits& limits, Handler handler, Manners manners)
    : connections_(
          std::make_unique<Connections>(loop, limits, std::move(handler), std::move(manners))) {}

HttpServer::~HttpServer() {
  for (const auto& path : socket_files_) unlink(path.c_str());
}

void HttpServer::show(std::shared_ptr<const TlsServerContext> certificates) {
  connections_->show(std::move(certificates));
}

std::size_t HttpServer::connections() const { return connections_->count(); }

Outcome<Address> HttpServer::listen(const Address& address, Wire wire) {
  auto socket = listen_on_tcp(address);
  if (!socket) return socket.error();
  const Address bound = local_address(socket->get());
  if (!connections_->add_listener(std::move(*socket), wire)) {
    return Failure{Failure::Kind::kInternal, "Cannot listen on " + address.to_string() + "."};
  }
  return bound;
}

Outcome<Done> HttpServer::listen_unix(const std::string& path, const std::string& group) {
  auto socket = listen_on_path(path, group);
  if (!socket) return socket.error();
  if (!connections_->add_listener(std::move(*socket), Wire::kPlain)) {
    return Failure{Failure::Kind::kInternal, "Cannot listen on " + path + "."};
  }
  socket_files_.push_back(path);
  return Done{};
}

Outcome<Done> HttpServer::listen_on(UniqueFd socket, Wire wire) {
  if (connections_->add_listener(std::move(socket), wire)) return Done{};
  return Failure{Failure::Kind::kInternal, "Cannot listen on a socket that is there already."};
}

}  // namespace airlane
