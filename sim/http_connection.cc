#include "sim/http_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace airlane::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kReadAhead = 64U << 10;
constexpr std::size_t kReadBuffer = 256U << 10;
constexpr std::size_t kWritePerTurn = 4U << 20;
constexpr milliseconds kLinger{2000};
constexpr milliseconds kDrainPoll{2};
constexpr int kDrainPolls = 1000;

}  // namespace

HttpConnection::HttpConnection(Loop& loop, UniqueFd fd, const Address& peer, Handler handler,
                               Ended ended)
    : fd_(std::move(fd)),
      peer_(peer),
      handler_(handler),
      ended_(ended),
      readable_(loop, fd_.get(), FdEvent::When::kReadable,
                Callback<void()>::to<&HttpConnection::on_readable>(*this)),
      writable_(loop, fd_.get(), FdEvent::When::kWritable,
                Callback<void()>::to<&HttpConnection::on_writable>(*this)),
      timer_(loop, Callback<void()>::to<&HttpConnection::on_time>(*this)) {
  readable_.arm();
}

void HttpConnection::on_readable() {
  static std::array<char, kReadBuffer> buffer;  // Of the one thread; empty between two calls.
  const auto got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) return end();
  if (got == 0) {
    eof_ = true;
    readable_.disarm();
    if (phase_ == Phase::kHang || phase_ == Phase::kLinger) return end();
  } else if (phase_ != Phase::kLinger) {
    ahead_.append(buffer.data(), static_cast<std::size_t>(got));
    if (phase_ != Phase::kRead && ahead_.size() >= kReadAhead) readable_.disarm();
  }
  if (phase_ == Phase::kRead) drive();
}

void HttpConnection::on_writable() {
  writable_.disarm();
  drive();
}

void HttpConnection::on_time() {
  if (phase_ == Phase::kLinger) return end();
  if (phase_ == Phase::kDrain) return drain();
  phase_ = Phase::kWrite;
  drive();
}

void HttpConnection::drive() {
  for (;;) {
    bool go_on = false;
    if (phase_ == Phase::kRead) {
      go_on = read_request();
    } else if (phase_ == Phase::kWrite) {
      go_on = write_some();
    }
    if (!go_on) return;
  }
}

bool HttpConnection::read_request() {
  std::string_view input = ahead_;
  for (;;) {
    const auto step = parser_.feed(input);
    if (!step) {
      ahead_.clear();
      auto reply = Reply::text(describe(step.error()) + "\n", http_status(step.error().code));
      reply.ending = Reply::Ending::kClose;
      begin(std::move(reply));
      return true;
    }
    if (*step == HttpParser::Step::kNeedMore) break;
    if (*step == HttpParser::Step::kBody) take_body(parser_.body());
    if (*step == HttpParser::Step::kHead && !parser_.request().field("Expect").empty()) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      send(fd_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
    }
    if (*step == HttpParser::Step::kComplete) {
      ahead_.erase(0, ahead_.size() - input.size());
      auto& request = parser_.request();
      request.peer = peer_;
      if (digest_) request.body_sha256 = digest_->hex();
      begin(handler_(request));
      return true;
    }
  }
  ahead_.clear();
  if (eof_) end();
  return false;
}

void HttpConnection::take_body(std::string_view piece) {
  auto& request = parser_.request();
  if (!digest_) digest_.emplace();
  digest_->update(piece);
  request.body_bytes += piece.size();
  const auto room = HttpRequest::kKeptBody - request.body.size();
  request.body.append(piece.substr(0, room));
}

void HttpConnection::begin(Reply reply) {
  const auto delay = reply.delay;
  const bool hang = reply.ending == Reply::Ending::kHang;
  writer_ = ReplyWriter(parser_.request(), std::move(reply));
  parser_.reset();
  digest_.reset();
  phase_ = hang ? Phase::kHang : delay.count() > 0 ? Phase::kDelay : Phase::kWrite;
  if (phase_ == Phase::kHang && eof_) return end();
  if (phase_ == Phase::kDelay) timer_.start(delay);
}

bool HttpConnection::write_some() {
  for (std::size_t written = 0; written < kWritePerTurn;) {
    const auto bytes = writer_.peek();
    if (bytes.empty()) return finish();
    const bool drips = writer_.reply().drip.count() > 0 && writer_.in_body();
    const auto sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) {
      end();
      return false;
    }
    writer_.consume(static_cast<std::size_t>(sent));
    written += static_cast<std::size_t>(sent);
    if (drips && !writer_.peek().empty()) {
      phase_ = Phase::kDrip;
      timer_.start(writer_.reply().drip);
      return false;
    }
  }
  writable_.arm();
  return false;
}

// The reply has been written.
bool HttpConnection::finish() {
  const auto ending = writer_.reply().ending;
  if (writer_.stays()) {
    phase_ = Phase::kRead;
    if (!eof_) readable_.arm();
    return true;
  }
  if (ending == Reply::Ending::kReset) {
    phase_ = Phase::kDrain;
    drain();
    return false;
  }
  shutdown(fd_.get(), SHUT_WR);
  phase_ = Phase::kLinger;
  ahead_.clear();
  if (eof_) {
    end();
  } else {
    readable_.arm();
    timer_.start(kLinger);
  }
  return false;
}

// A reset throws away what is still on its way, so wait until the peer has acknowledged it all.
void HttpConnection::drain() {
  int unsent = 0;
  ioctl(fd_.get(), SIOCOUTQ, &unsent);
  if (unsent > 0 && ++drain_polls_ < kDrainPolls) return timer_.start(kDrainPoll);
  const linger reset{1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  end();
}

void HttpConnection::end() {
  if (std::exchange(phase_, Phase::kEnded) == Phase::kEnded) return;
  readable_.disarm();
  writable_.disarm();
  timer_.cancel();
  ended_(*this);
}

}  // namespace airlane::sim
