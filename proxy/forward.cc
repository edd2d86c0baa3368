#include "proxy/forward.h"

#include <sys/socket.h>

#include <cerrno>

namespace airlane {

Forward::Forward(Flow& flow)
    : exchange_(new (flow.bench.exchanges.take(sizeof(Exchange))) Exchange(flow),
                GiveBack{&flow.bench.exchanges}) {}

void Forward::GiveBack::operator()(Exchange* exchange) const noexcept {
  exchange->~Exchange();
  pool->give_back(exchange);
}

bool is_idle(End& kept, bool may_send_twice) noexcept {
  if (kept.ready().ended()) return false;
  if (!kept.ready().readable() && may_send_twice) return true;
  char byte = 0;
  if (recv(kept.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN) return false;
  kept.not_readable();
  return true;
}

}  // namespace airlane
