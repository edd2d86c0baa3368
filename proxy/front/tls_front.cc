#include "proxy/front/tls_front.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "proxy/front/http2_front.h"
#include "proxy/front/plain_front.h"

namespace airlane {
namespace {

constexpr std::size_t kTurn = 1 << 20;  // After this much, it is the others' turn.
constexpr std::chrono::seconds kLinger{2};
constexpr std::chrono::seconds kLook{10};  // How often at a client that may be gone.

void reset_on_close(int fd) {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

TlsFront::TlsFront(FrontHost& host, std::shared_ptr<Origin> origin, UniqueFd client,
                   std::string early, std::shared_ptr<const TlsServerContext> context,
                   const Limits& limits)
    : host_(host),
      origin_(std::move(origin)),
      limits_(limits),
      client_(std::move(client)),
      tls_(std::move(context), client_.get(), std::move(early)),
      last_moved_(host.reactor().now()),
      last_busy_(last_moved_),
      watch_(host.reactor(), Callback<void(Readiness)>::to<&TlsFront::on_event>(*this)),
      alarm_(host.reactor(), Callback<void()>::to<&TlsFront::on_time>(*this)) {}

void TlsFront::start(List::iterator self) {
  self_ = self;
  alarm_.start(limits_.handshake);
  if (const auto watched = watch_.add(client_.get(), Watch::For::kChanges); !watched) {
    return retire(&watched.error());
  }
  drive();
}

void TlsFront::ask_for_turn() {
  if (!std::exchange(turn_asked_, true)) host_.call_again(*this);
}

void TlsFront::drive() {
  turn_asked_ = false;
  if (retired_) return;
  const auto advanced = advance();
  if (advanced || retired_) return;
  // Whoever spoke no TLS has been sent an alert; whoever was cut off shall see it.
  if (protocol_) protocol_->end(true);
  if (protocol_) reset_on_close(client_.get());
  // A client that has left without a word has broken what it was doing, which its sessions say: the
  // connection itself had nothing to do any more, as one in the clear between two requests.
  const bool has_left = protocol_ && advanced.error().code == Errc::kBroken;
  retire(has_left ? nullptr : &advanced.error());
}

Status TlsFront::advance() {
  if (!protocol_) {
    const auto done = shake_hands();
    if (!done) return done.error();
    if (!*done) return Done{};
  }
  std::size_t moved = 0;
  for (std::size_t step = 1; step > 0 && moved < kTurn; moved += step) {
    const auto down = move_down();
    if (!down) return down.error();
    const auto up = move_up();
    if (!up) return up.error();
    step = *down + *up;
  }
  note_activity(moved > 0);
  if (moved >= kTurn) ask_for_turn();
  return finish();
}

Result<bool> TlsFront::shake_hands() {
  const auto done = tls_.handshake();
  if (!done || !*done) return done;
  const auto on_change = Callback<void()>::to<&TlsFront::on_change>(*this);
  if (tls_.protocol() == Http2Front::kName) {
    protocol_ = std::make_unique<Http2Front>(host_, origin_, on_change);
  } else {
    auto plain = std::make_unique<PlainFront>(host_, on_change);
    if (!plain->open(origin_)) return Error{Errc::kOverLimit, "begin session"};
    protocol_ = std::move(plain);
  }
  if (draining_) protocol_->drain();
  last_moved_ = last_busy_ = host_.reactor().now();
  alarm_.start(limits_.handshake);
  return true;
}

Result<std::size_t> TlsFront::move_down() {
  std::size_t moved = 0;
  if (rest_.empty()) {
    std::array<char, kPiece> piece;
    const std::span out(piece);
    const auto size = protocol_->take(out);
    if (!size) return size;
    while (moved < *size) {
      const auto sent = tls_.write(out.subspan(moved, *size - moved));
      if (!sent) return sent;
      if (*sent == 0) break;
      moved += *sent;
    }
    rest_.assign(out.data() + moved, *size - moved);
    return moved;
  }
  const auto sent = tls_.write(rest_);
  if (!sent) return sent;
  rest_.erase(0, *sent);
  if (rest_.empty()) rest_ = std::string();  // And its memory.
  return *sent;
}

Result<std::size_t> TlsFront::move_up() {
  if (client_ended_ || (!protocol_->hungry() && !protocol_->deaf())) return std::size_t{0};
  std::array<char, kPiece> buffer;
  const auto size = tls_.read(buffer);
  if (!size) return size.error();
  if (!*size) return std::size_t{0};
  if (**size == 0) {
    client_ended_ = true;
    protocol_->end(false);
    return std::size_t{0};
  }
  if (const auto fed = protocol_->feed(std::span(buffer).first(**size)); !fed) return fed.error();
  return **size;
}

// Ours ends when everything has been said; the connection, when the client's has ended as well, or
// does not end within a moment although nobody listens any more. Closing over unread bytes would
// reset the connection and could take our last ones with it.
Status TlsFront::finish() {
  if (!ended_ && protocol_->finished() && rest_.empty()) {
    const auto ended = tls_.end();
    if (!ended) return ended.error();
    if (!*ended) return Done{};
    ended_ = true;
    shutdown(client_.get(), SHUT_WR);
  }
  if (ended_ && client_ended_) {
    retire();
  } else if (ended_ && protocol_->deaf() && !std::exchange(lingering_, true)) {
    alarm_.start(kLinger);
  }
  return Done{};
}

void TlsFront::note_activity(bool moved) {
  const auto now = host_.reactor().now();
  if (moved) last_moved_ = now;
  if (!protocol_->busy()) return;
  last_busy_ = now;
  served_ = true;
}

Monotonic::time_point TlsFront::deadline() const {
  if (protocol_->busy()) return last_moved_ + limits_.idle;
  return last_busy_ + (served_ ? limits_.idle : limits_.handshake);
}

void TlsFront::on_time() {
  constexpr Error kTooSlow{Errc::kTimedOut, "shake hands by TLS"};
  if (!protocol_ || lingering_) return retire(protocol_ ? nullptr : &kTooSlow);
  const auto left = deadline() - host_.reactor().now();
  if (left > left.zero() && host_.is_dead(client_.get())) {
    return abort({Errc::kBroken, "reach the client"});
  }
  if (left > left.zero()) return alarm_.start(std::min<Monotonic::duration>(left, kLook));
  if (protocol_->busy()) return abort({Errc::kTimedOut, "wait"});
  lingering_ = true;
  alarm_.start(kLinger);
  drain();
}

void TlsFront::drain() {
  draining_ = true;
  if (!protocol_) return;  // After the handshake.
  protocol_->drain();
  ask_for_turn();
}

void TlsFront::abort(const Error& why) {
  if (retired_) return;
  if (protocol_) protocol_->end(true);
  reset_on_close(client_.get());
  retire(&why);
}

void TlsFront::close() { abort({Errc::kClosing, "stop"}); }

void TlsFront::retire(const Error* why) {
  if (std::exchange(retired_, true)) return;
  alarm_.cancel();
  host_.retire(*this, why);
}

}  // namespace airlane
