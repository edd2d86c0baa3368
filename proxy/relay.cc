#include "proxy/relay.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace airlane {
namespace {

// After this much, a half lets the worker's other sessions have their turn.
constexpr std::size_t kTurn = 4 << 20;
constexpr std::size_t kCopy = 16 << 10;
// A splice that brings less than this costs more than a copy.
constexpr std::size_t kLittle = 8 << 10;

constexpr unsigned kSpliceFlags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

// Our address towards the target is not the client's business; but whom BIND has met is.
std::string answer_of(const Flow& flow) {
  auto& answer = flow.handshake->answer;  // Of a target that has changed the protocol.
  if (!answer.empty()) return std::exchange(answer, {});
  const bool met = flow.errand == Errand::kBind;
  return success_of(flow, met ? flow.handshake->candidates.front() : Address());
}

}  // namespace

Result<Step> RelayHalf::advance(bool over) {
  if (done_) return Step::kDone;
  for (std::size_t moved = 0; moved < kTurn;) {
    if (holds_bytes()) {
      if (!to().ready().writable()) return wait_for_ends();
      const auto sent = rest_ ? send_rest() : drain();
      if (!sent) return sent.error();
      if (holds_bytes()) return wait_for_ends();
    }
    if (ended_) return finish(over);
    if (!from().ready().readable()) return wait_for_ends();
    const auto most = flow_.allowance(way(), kTurn);
    if (!most) return most.error();
    if (*most == 0) return Step::kWait;  // For the alarm of the throttle.
    const auto taken = bulk_ ? fill(*most) : copy(*most);
    if (!taken) return taken.error();
    moved += *taken;
  }
  return Step::kAgain;
}

// What was reserved of the rate is for those who can use it now.
Step RelayHalf::wait_for_ends() noexcept {
  flow_.rest(way());
  return Step::kWait;
}

Status RelayHalf::send_first(std::string_view bytes) {
  const auto sent = to().send(bytes, "send first bytes");
  if (!sent) return sent.error();
  count_written(*sent);
  keep(bytes.substr(*sent));
  return Done{};
}

Result<std::size_t> RelayHalf::copy(std::size_t most) {
  // Without a pipe for bulk, a bigger buffer is the next best thing.
  const auto buffer =
      flow_.bench.buffer.first(std::min(most, bulk_ ? flow_.bench.buffer.size() : kCopy));
  const auto received = from().receive(buffer, "read");
  if (!received) return received.error();
  if (!*received) return std::size_t{0};
  if (**received == 0) return take_end();
  count_read(**received);
  bulk_ = **received == buffer.size() && buffer.size() >= kCopy;
  const std::string_view bytes(buffer.data(), **received);
  const auto sent = to().send(bytes, "write");
  if (!sent) return sent.error();
  count_written(*sent);
  keep(bytes.substr(*sent));
  return **received;
}

// Only ever into an empty pipe. EAGAIN from splice means "nothing to read" or "no slot free"; with
// an empty pipe it can only be the first, and the edge that tells of more bytes is still to come.
Result<std::size_t> RelayHalf::fill(std::size_t most) {
  if (!pipe_ && !take_pipe()) return copy(most);
  most = std::min({most, std::size_t{window_}, pipe_->capacity});
  const auto size = splice(from().fd(), nullptr, pipe_->writer.get(), nullptr, most, kSpliceFlags);
  if (size < 0 && errno == EAGAIN) {
    from().not_readable();
    release_pipe();
    return std::size_t{0};
  }
  if (size < 0) return Error{Errc::kBroken, "read", errno};
  if (size == 0) return take_end();
  pipe_->held = static_cast<std::size_t>(size);
  bulk_ = pipe_->held >= kLittle;
  if (flow_.tunes_receiving(way())) room_.moved(from().fd(), pipe_->held);
  count_read(pipe_->held);
  return pipe_->held;
}

Result<std::size_t> RelayHalf::take_end() {
  if (toward_ == Toward::kTarget && flow_.client_was_cut()) return Error{Errc::kBroken, "read"};
  ended_ = true;
  return std::size_t{0};
}

Status RelayHalf::drain() {
  while (pipe_->held > 0) {
    const bool up = toward_ == Toward::kTarget;
    const auto most = up ? flow_.leaving(pipe_->held) : pipe_->held;
    if (!most) return most.error();
    const auto size = splice(pipe_->reader.get(), nullptr, to().fd(), nullptr, *most, kSpliceFlags);
    if (size < 0 && errno == EAGAIN) {
      to().not_writable();
      return Done{};
    }
    if (size <= 0) return Error{Errc::kBroken, "write", errno};
    pipe_->held -= static_cast<std::size_t>(size);
    count_written(static_cast<std::size_t>(size));
  }
  window_ = static_cast<std::uint32_t>(std::min(std::size_t{window_} * 2, pipe_->capacity));
  if (!bulk_) release_pipe();
  return Done{};
}

void RelayHalf::keep(std::string_view rest) {
  if (!rest.empty()) rest_ = std::make_unique<std::string>(rest);
}

Status RelayHalf::send_rest() {
  const auto sent = to().send(*rest_, "write");
  if (!sent) return sent.error();
  count_written(*sent);
  rest_->erase(0, *sent);
  if (rest_->empty()) rest_.reset();
  return Done{};
}

Result<Step> RelayHalf::finish(bool over) {
  release_pipe();
  done_ = true;
  // ENOTCONN: the other end is gone already, which its own half will report.
  if (!over && shutdown(to().fd(), SHUT_WR) != 0 && errno != ENOTCONN) {
    return Error{Errc::kBroken, "end stream", errno};
  }
  return Step::kDone;
}

bool RelayHalf::take_pipe() {
  pipe_ = flow_.bench.pipes.take();
  return pipe_ != nullptr;
}

void RelayHalf::release_pipe() {
  if (pipe_) flow_.bench.pipes.give_back(std::move(pipe_));
}

void RelayHalf::count_read(std::size_t bytes) {
  if (toward_ == Toward::kClient) flow_.counters->add_incoming(bytes);
  flow_.moved(way(), bytes);
  flow_.last_moved = flow_.bench.reactor.now();
}

void RelayHalf::count_written(std::size_t bytes) {
  if (toward_ == Toward::kTarget) flow_.counters->add_outgoing(bytes);
  flow_.last_moved = flow_.bench.reactor.now();
}

Result<Step> Relay::advance() {
  if (flow_.handshake) {
    if (const auto begun = begin(); !begun) return begun.error();
  }
  const auto down = down_.advance(up_.done());
  if (!down) return down;
  const auto up = up_.advance(down_.done());
  if (!up) return up;
  if (*up == Step::kDone && *down == Step::kDone) return Step::kDone;
  return *up == Step::kAgain || *down == Step::kAgain ? Step::kAgain : Step::kWait;
}

// Our answer, and in the same write what a target that speaks first has already said; to the target
// what the client has sent ahead.
Status Relay::begin() {
  auto first = answer_of(flow_);
  if (first.size() < kCopy) {
    const auto said = flow_.upstream.receive(flow_.bench.buffer.first(kCopy), "read");
    if (!said) return said.error();
    const std::size_t size = said->value_or(0);
    if (size > 0) flow_.counters->add_incoming(size);
    flow_.moved(Way::kDown, size);
    first.append(flow_.bench.buffer.data(), size);
  }
  if (const auto sent = down_.send_first(first); !sent) return sent;
  const auto ahead = std::move(flow_.handshake->early);
  flow_.handshake.reset();
  if (ahead.empty()) return Done{};
  flow_.moved(Way::kUp, ahead.size());
  return up_.send_first(ahead);
}

}  // namespace airlane
