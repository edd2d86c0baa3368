// An HTTP/1.1 server on one loop: the one door to evhttp.
//
// A request arrives whole, as a value, with an HttpReply that answers it: once, now or minutes
// later. Meanwhile the connection waits, without a deadline and without being read; the next
// request on it follows after the answer. Nobody has to notice that a client has gone: its answer
// is dropped.
//
//   reading a request       `Limits::reading` after the accept, or after the last answer; then the
//                           connection ends, with a 408 where a part of one has come
//   waiting for the answer  never: that is the handler's duty
//   writing the answer      `Limits::writing` without a byte taken by the client
//
// TLS is told by the listening socket. A handshake is part of reading the first request: it has the
// same deadline, and its connection counts like any other.
//
// What is not HTTP, or is larger than the limits, is answered 400, 405 or 413 and closed here; see
// http_refusal.h. HEAD gets the headers of the answer and no body.
//
// Owned by main. The loop's thread only. Replies that outlive the server are dropped.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/http_message.h"
#include "base/event/loop.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

class TlsServerContext;

// The duty to answer one request. Copies share it; when the last one goes without having sent
// anything, the client gets a 500.
class HttpReply {
 public:
  struct Pending;  // Known to the server only.

  explicit HttpReply(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {}

  // The first call counts, later ones do nothing. Content-Length and Date are added here.
  void send(int status, const HttpFields& headers, std::string_view body) const;

  // The connection is known to be closed: sending would reach nobody. A client that left without a
  // word is noticed only when it is written to.
  [[nodiscard]] bool gone() const;

 private:
  std::shared_ptr<Pending> pending_;
};

class HttpServer {
 public:
  struct Limits {
    std::size_t header = std::size_t{16} * 1024;
    std::size_t body = std::size_t{1024} * 1024;
    std::size_t local_body = body;  // By a Unix socket, whose file says who may come.
    std::size_t connections = 256;
    // Of one IP address; a Unix socket's have no limit. Idle are all but those whose request is
    // with the handler or unread in the kernel, and those that the client has closed: they wait for
    // the server, the others may make it wait.
    std::size_t connections_per_peer = 64;
    std::size_t idle_per_peer = 32;
    std::chrono::milliseconds reading{10'000};
    std::chrono::milliseconds writing{30'000};
  };
  using Handler = std::function<void(HttpRequest, HttpReply)>;  // May not throw.
  // What an answer that is made here has besides its own fields; by TLS, or not.
  using Manners = std::function<HttpFields(bool secure)>;
  enum class Wire : bool { kPlain, kTls };

  HttpServer(Loop& loop, const Limits& limits, Handler handler, Manners manners = {});
  HttpServer(HttpServer&&) = delete;
  ~HttpServer();

  // What it listens on: with port 0 the kernel has chosen one.
  Outcome<Address> listen(const Address& address, Wire wire = Wire::kPlain);
  // Takes the place of a socket that nobody listens on any more. Only its owner, root and the
  // group may connect; without such a group (or the right to give the socket to it) only the
  // former.
  Outcome<Done> listen_unix(const std::string& path, const std::string& group = {});

  // A listening socket of either kind, which is closed with the server; its file stays.
  Outcome<Done> listen_on(UniqueFd socket, Wire wire = Wire::kPlain);

  // To clients that come by TLS from now on; before the first listener for such.
  void show(std::shared_ptr<const TlsServerContext> certificates);

  [[nodiscard]] std::size_t connections() const;

 private:
  class Connections;
  std::unique_ptr<Connections> connections_;
  std::vector<std::string> socket_files_;  // Removed with the server.
};

}  // namespace airlane
