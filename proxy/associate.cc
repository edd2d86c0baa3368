#include "proxy/associate.h"

#include <cerrno>

#include "proxy/protocol/socks5.h"
#include "proxy/socket_options.h"

namespace airlane {
namespace {

constexpr int kReads = 16;  // Per turn, of what is thrown away.

}  // namespace

Result<Step> Associate::advance() {
  if (!begun_) {
    if (const auto begun = begin(); !begun) return begun.error();
  }
  association_->relay.resume();
  for (int i = 0; i < kReads; ++i) {
    const auto received = flow_.client.receive(flow_.bench.buffer, "keep association");
    if (!received) return Step::kDone;  // However it ended, it ended.
    if (!*received) return Step::kWait;
    if (**received == 0) return Step::kDone;
  }
  return Step::kAgain;
}

Status Associate::begin() {
  if (!flow_.egress || !flow_.egress->up) return Error{Errc::kNoEgress, "choose egress"};
  association_ = std::make_unique<Association>(flow_);
  if (!association_->seat.take(flow_.bench.udp_seats, flow_.proxy->counter_row)) {
    return Error{Errc::kOverLimit, "limit associations"};
  }
  // Not of the socket by which a client by TLS is known here.
  const auto local =
      flow_.bridge ? std::optional(flow_.bridge->origin->local) : own_address(flow_.client.fd());
  if (!local) return Error{Errc::kSystem, "look up own address", errno};
  const auto bound = association_->relay.open(*local);
  if (!bound) return bound.error();
  const auto sent = flow_.client.send_whole(Socks5::reply(0x00, *bound), "answer");
  if (!sent) return sent.error();
  begun_ = true;
  flow_.upstream_settled = true;  // There is no TCP socket at the far end.
  flow_.handshake.reset();
  return Done{};
}

std::string Associate::refusal(const Error& error) {
  if (begun_ || error.code == Errc::kBroken) return {};
  association_.reset();
  return refusal_of(flow_, error);
}

}  // namespace airlane
