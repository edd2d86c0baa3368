#include "sim/http_server.h"

#include <memory>

#include "sim/peer_log.h"

namespace airlane::sim {

HttpServer::HttpServer(Loop& loop, UniqueFd listener, Handler handler, PeerLog* log)
    : loop_(loop),
      handler_(handler),
      log_(log),
      connections_(loop),
      acceptor_(loop, std::move(listener), Acceptor::Accepted::to<&HttpServer::on_accept>(*this)) {}

void HttpServer::on_accept(int fd, const Address& peer) {
  if (log_ != nullptr) log_->add(peer);
  const auto ended = Callback<void(HttpConnection&)>::to<&HttpServer::on_end>(*this);
  connections_.add(std::make_unique<HttpConnection>(loop_, UniqueFd(fd), peer, handler_, ended));
}

}  // namespace airlane::sim
