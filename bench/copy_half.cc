#include "bench/copy_half.h"

namespace airlane::bench {
namespace {

constexpr int kTurns = 16;  // Buffers before another tunnel gets its turn.

}  // namespace

Moved CopyHalf::move(Tools& tools, int from, int to, bool hangup) {
  while (sent_ < rest_.size()) {
    const auto n = write_some(to, rest_.data() + sent_, rest_.size() - sent_);
    if (n < 0) return n == kWouldBlock ? Moved::kBlocked : Moved::kDead;
    sent_ += static_cast<std::size_t>(n);
  }
  if (sent_ > 0) rest_ = std::string();  // Gives the memory back as well.
  sent_ = 0;

  auto& buffer = tools.buffer;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto got = read_some(from, buffer.data(), buffer.size());
    if (got == kWouldBlock) return Moved::kDrained;
    if (got <= 0) return got == 0 ? Moved::kEnded : Moved::kDead;
    const auto put = write_some(to, buffer.data(), static_cast<std::size_t>(got));
    if (put == kBroken) return Moved::kDead;
    if (put < got) {
      const auto done = put > 0 ? put : 0;
      rest_.assign(buffer.data() + done, static_cast<std::size_t>(got - done));
      return Moved::kBlocked;
    }
    // A short read emptied the queue: the next byte is a new edge. But an end whose edge is already
    // behind us has none to come.
    if (static_cast<std::size_t>(got) < buffer.size() && !hangup) return Moved::kDrained;
  }
  return Moved::kMore;
}

}  // namespace airlane::bench
