#include "proxy/farewell.h"

#include <sys/socket.h>

namespace airlane {
namespace {

constexpr std::size_t kMostDiscarded = 1 << 20;

}  // namespace

Result<Step> Farewell::advance() {
  while (!answer_.empty()) {
    const auto sent = flow_.client.send(answer_, "answer");
    if (!sent) return Step::kDone;
    answer_.erase(0, *sent);
    if (!answer_.empty()) return Step::kWait;
  }
  if (!ended_ && shutdown(flow_.client.fd(), SHUT_WR) != 0) return Step::kDone;
  ended_ = true;
  while (discarded_ < kMostDiscarded) {
    const auto received = flow_.client.receive(flow_.bench.buffer, "discard");
    if (!received) return Step::kDone;
    if (!*received) return Step::kWait;
    if (**received == 0) return Step::kDone;
    discarded_ += **received;
  }
  return Step::kDone;
}

}  // namespace airlane
