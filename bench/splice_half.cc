#include "bench/splice_half.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace airlane::bench {
namespace {

constexpr int kTurns = 8;  // Pipes full before another tunnel gets its turn.

ssize_t splice_some(int from, int to, std::size_t size) {
  const auto n = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (n >= 0) return n;
  return errno == EAGAIN || errno == EINTR ? kWouldBlock : kBroken;
}

}  // namespace

Pipe PipePool::take() {
  if (!idle_.empty()) {
    auto pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) die_of_errno("pipe2");
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (::fcntl(pipe.in.get(), F_SETPIPE_SZ, static_cast<int>(size_)) < 0) {
    die_of_errno("F_SETPIPE_SZ");  // A smaller pipe would be another yardstick.
  }
  return pipe;
}

Moved SpliceHalf::drain(int to) {
  while (inside_ > 0) {
    const auto n = splice_some(pipe_.out.get(), to, inside_);
    if (n < 0) return n == kWouldBlock ? Moved::kBlocked : Moved::kDead;
    inside_ -= static_cast<std::size_t>(n);
  }
  return Moved::kMore;
}

// EAGAIN from a splice into the pipe is ambiguous (no bytes, or no room), so the pipe is always
// empty before it.
Moved SpliceHalf::move(PipePool& pipes, int from, int to, bool) {
  auto moved = drain(to);
  if (!pipe_.in) pipe_ = pipes.take();
  for (int turn = 0; turn < kTurns && moved == Moved::kMore; ++turn) {
    const auto got = splice_some(from, pipe_.in.get(), pipes.size());
    if (got == kWouldBlock) moved = Moved::kDrained;
    if (got == 0) moved = Moved::kEnded;
    if (got == kBroken) moved = Moved::kDead;
    if (got <= 0) break;
    inside_ = static_cast<std::size_t>(got);
    moved = drain(to);
  }
  if (inside_ == 0) pipes.give(std::exchange(pipe_, Pipe{}));
  return moved;
}

void SpliceHalf::discard(PipePool& pipes) {
  if (pipe_.in && inside_ == 0) pipes.give(std::exchange(pipe_, Pipe{}));
  pipe_ = Pipe{};
}

}  // namespace airlane::bench
