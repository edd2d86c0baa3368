#include "proxy/relay.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "proxy/protocol/http_rewrite.h"
#include "proxy/protocol/socks5.h"

namespace airlane {
namespace {

// After this much, a half lets the worker's other sessions have their turn.
constexpr std::size_t kTurn = 4 << 20;

constexpr unsigned kSpliceFlags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

std::string answer_of(const Flow& flow) {
  if (flow.protocol == Protocol::kHttp) return std::string(connect_established());
  return Socks5::reply(0x00, Address());  // Our address towards the target is not their business.
}

}  // namespace

RelayHalf::RelayHalf(Flow& flow, Toward toward, std::string prologue)
    : flow_(flow),
      toward_(toward),
      from_(toward == Toward::kTarget ? flow.client.get() : flow.upstream.get()),
      to_(toward == Toward::kTarget ? flow.upstream.get() : flow.client.get()),
      prologue_(std::move(prologue)) {}

RelayHalf::~RelayHalf() { release_pipe(); }

Result<Step> RelayHalf::advance() {
  if (done_) return Step::kDone;
  if (!prologue_.empty()) {
    const auto step = send_prologue();
    if (!step || *step == Step::kWait) return step;
  }
  for (std::size_t moved = 0; moved < kTurn;) {
    if (!pipe_ || pipe_->held == 0) {
      if (ended_) return finish();
      const auto step = fill();
      if (!step || *step == Step::kWait) return step;
      if (ended_) continue;
    }
    moved += pipe_->held;
    const auto step = drain();
    if (!step || *step == Step::kWait) return step;
  }
  return Step::kAgain;
}

Result<Step> RelayHalf::send_prologue() {
  const auto sent = send(to_, prologue_.data(), prologue_.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return Step::kWait;
  if (sent < 0) return Error{Errc::kBroken, "send first bytes", errno};
  if (toward_ == Toward::kTarget) flow_.counters->add_outgoing(static_cast<std::uint64_t>(sent));
  prologue_.erase(0, static_cast<std::size_t>(sent));
  if (!prologue_.empty()) return Step::kWait;
  prologue_.shrink_to_fit();
  return Step::kNext;
}

// Only ever into an empty pipe. EAGAIN from splice means "nothing to read" or "no slot free"; with
// an empty pipe it can only be the first, and the edge that tells of more bytes is still to come.
Result<Step> RelayHalf::fill() {
  if (!pipe_) {
    auto taken = flow_.bench.pipes.take();
    if (!taken) return taken.error();
    pipe_ = *std::move(taken);
  }
  const auto size =
      splice(from_, nullptr, pipe_->writer.get(), nullptr, pipe_->capacity, kSpliceFlags);
  if (size < 0 && errno == EAGAIN) {
    release_pipe();
    return Step::kWait;
  }
  if (size < 0) return Error{Errc::kBroken, "read", errno};
  if (size == 0) {
    ended_ = true;
    return Step::kNext;
  }
  pipe_->held = static_cast<std::size_t>(size);
  if (toward_ == Toward::kClient) flow_.counters->add_incoming(pipe_->held);
  flow_.last_moved = Monotonic::now();
  return Step::kNext;
}

Result<Step> RelayHalf::drain() {
  while (pipe_->held > 0) {
    const auto size = splice(pipe_->reader.get(), nullptr, to_, nullptr, pipe_->held, kSpliceFlags);
    if (size < 0 && errno == EAGAIN) return Step::kWait;
    if (size <= 0) return Error{Errc::kBroken, "write", errno};
    pipe_->held -= static_cast<std::size_t>(size);
    if (toward_ == Toward::kTarget) flow_.counters->add_outgoing(static_cast<std::uint64_t>(size));
    flow_.last_moved = Monotonic::now();
  }
  return Step::kNext;
}

Result<Step> RelayHalf::finish() {
  release_pipe();
  // ENOTCONN: the other end is gone already, which its own half will report.
  if (shutdown(to_, SHUT_WR) != 0 && errno != ENOTCONN) {
    return Error{Errc::kBroken, "end stream", errno};
  }
  done_ = true;
  return Step::kDone;
}

void RelayHalf::release_pipe() {
  if (pipe_) flow_.bench.pipes.give_back(std::exchange(pipe_, std::nullopt).value());
}

Relay::Relay(Flow& flow)
    : up_(flow, RelayHalf::Toward::kTarget, std::exchange(flow.early, {})),
      down_(flow, RelayHalf::Toward::kClient, answer_of(flow)) {
  // What the handshake needed, the tunnel does not.
  flow.candidates = {};
  flow.request = {};
}

Result<Step> Relay::advance() {
  const auto down = down_.advance();
  if (!down) return down;
  const auto up = up_.advance();
  if (!up) return up;
  if (*up == Step::kDone && *down == Step::kDone) return Step::kDone;
  return *up == Step::kAgain || *down == Step::kAgain ? Step::kAgain : Step::kWait;
}

}  // namespace airlane
