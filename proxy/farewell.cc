#include "proxy/farewell.h"

#include <sys/socket.h>

#include <cerrno>

namespace airlane {
namespace {

constexpr std::size_t kMostDiscarded = 1 << 20;

}  // namespace

Result<Step> Farewell::advance() {
  const int fd = flow_.client.get();
  while (!answer_.empty()) {
    const auto sent = send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return Step::kWait;
    if (sent < 0) return Step::kDone;
    answer_.erase(0, static_cast<std::size_t>(sent));
  }
  if (!ended_ && shutdown(fd, SHUT_WR) != 0) return Step::kDone;
  ended_ = true;
  while (discarded_ < kMostDiscarded) {
    const auto received = receive(fd, flow_.bench.buffer, "discard");
    if (!received) return Step::kDone;
    if (!*received) return Step::kWait;
    if (**received == 0) return Step::kDone;
    discarded_ += **received;
  }
  return Step::kDone;
}

}  // namespace airlane
