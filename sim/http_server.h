// An HTTP/1.1 server that can misbehave. What it answers is a Reply, made by a pure function of the
// request; when and how the bytes leave is decided by the connection alone.
//
// Owns its connections. One loop, one thread; destruction closes everything.
#pragma once

#include <string>

#include "sim/crowd.h"
#include "sim/http_connection.h"
#include "sim/sockets.h"

namespace airlane::sim {

class PeerLog;

class HttpServer {
 public:
  using Handler = HttpConnection::Handler;

  // `log` may be null; it hears of every accepted connection.
  HttpServer(Loop& loop, UniqueFd listener, Handler handler, PeerLog* log = nullptr);

  // As when the machine loses its power: no FIN, no RST reaches anybody whose link is gone.
  void drop_all() { connections_.clear(); }

 private:
  void on_accept(int fd, const Address& peer);
  void on_end(HttpConnection& connection) { connections_.retire(connection); }

  Loop& loop_;
  Handler handler_;
  PeerLog* log_;
  Crowd<HttpConnection> connections_;
  Acceptor acceptor_;
};

}  // namespace airlane::sim
