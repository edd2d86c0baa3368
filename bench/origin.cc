#include "bench/origin.h"

#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <string_view>

namespace airlane::bench {
namespace {

constexpr int kSmallSendBuffer = 128 * 1024;
constexpr int kTurns = 4;  // Chunks before another connection gets its turn.

std::string http_answer(const Pattern& pattern, std::size_t size) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
         std::to_string(size) + "\r\n\r\n" + std::string(pattern.at(0), size);
}

class OriginConnection : public Handler {
 public:
  OriginConnection(OriginState& state, UniqueFd fd) : state_(state), fd_(std::move(fd)) {}

  void ready(std::uint32_t events) override {
    if (!fd_) return;
    hangup_ |= (events & kHangup) != 0;
    const bool only_writes = mode_ == 'D' && !(events & kReadable);
    if (!flush() || (!only_writes && !read_all())) return;
    if (mode_ == 'D') feed();
  }

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  void close() {
    fd_.reset();
    state_.poller.bury(std::unique_ptr<Handler>(this));
  }

  // False when the connection is gone or must wait until it can write.
  bool read_all() {
    auto& buffer = state_.buffer;
    for (int turn = 0; turn < kTurns; ++turn) {
      const int flags = mode_ == 'U' && !state_.check ? MSG_TRUNC : 0;  // Drops without a copy.
      const auto n = read_some(fd_.get(), buffer.data(), buffer.size(), flags);
      if (n == kWouldBlock) return true;
      if (n <= 0) {
        close();
        return false;
      }
      const auto size = static_cast<std::size_t>(n);
      take(buffer.data(), size);
      if (!flush()) return false;
      // A short read emptied the queue, unless the end came with it: its edge is behind us.
      if (size < buffer.size() && !hangup_) return true;
    }
    state_.poller.again(*this);
    return true;
  }

  void take(const char* data, std::size_t size) {
    const bool first = mode_ == 0;
    if (first) mode_ = *data;
    if (first && mode_ == 'd') {
      limit_send_buffer(fd_.get(), kSmallSendBuffer);
      mode_ = 'D';
    }
    switch (mode_) {
      case 'U':
        return first ? sink(data + 1, size - 1) : sink(data, size);
      case 'E':
        waiting_.append(data, size);
        return;
      case 'S':
        for (std::size_t i = 0; i < size; ++i) {
          waiting_.append(reinterpret_cast<const char*>(&state_.sunk), sizeof state_.sunk);
        }
        return;
      case 'G':
        head_.append(data, size);
        return answer();
      default:
        return;  // A source does not listen.
    }
  }

  void sink(const char* data, std::size_t size) {
    if (state_.check && !state_.pattern.matches(position_, data, size)) ++state_.sunk.wrong_reads;
    position_ += size;
    state_.sunk.bytes += size;
  }

  void answer() {
    std::size_t begin = 0;
    for (auto end = head_.find("\r\n\r\n"); end != head_.npos;
         end = head_.find("\r\n\r\n", begin)) {
      const auto line = std::string_view(head_).substr(begin, head_.find("\r\n", begin) - begin);
      const bool large = line.find("/100k ") != line.npos;
      waiting_ += large ? state_.large_answer : state_.small_answer;
      begin = end + 4;
    }
    head_.erase(0, begin);
  }

  void feed() {
    for (int turn = 0; turn < kTurns; ++turn) {
      const auto n = write_some(fd_.get(), state_.pattern.at(position_), Pattern::kChunk);
      if (n == kWouldBlock) return;
      if (n == kBroken) return close();
      position_ += static_cast<std::uint64_t>(n);
    }
    state_.poller.again(*this);
  }

  // Whether nothing waits any more.
  bool flush() {
    while (sent_ < waiting_.size()) {
      const auto n = write_some(fd_.get(), waiting_.data() + sent_, waiting_.size() - sent_);
      if (n == kBroken) close();
      if (n < 0) return false;
      sent_ += static_cast<std::size_t>(n);
    }
    waiting_.clear();
    sent_ = 0;
    return true;
  }

  OriginState& state_;
  UniqueFd fd_;
  char mode_ = 0;
  bool hangup_ = false;
  std::uint64_t position_ = 0;  // In the pattern.
  std::string head_, waiting_;
  std::size_t sent_ = 0;  // Of waiting_.
};

}  // namespace

OriginState::OriginState(Poller& loop, bool checks)
    : poller(loop),
      check(checks),
      buffer(1 << 20),
      small_answer(http_answer(pattern, kSmallBody)),
      large_answer(http_answer(pattern, kLargeBody)) {}

OriginListener::OriginListener(OriginState& state, UniqueFd listener)
    : state_(state), listener_(std::move(listener)) {
  state_.poller.add(listener_.get(), *this);
}

void OriginListener::ready(std::uint32_t) {
  while (auto fd = accept_one(listener_.get())) {
    auto* connection = new OriginConnection(state_, std::move(fd));
    state_.poller.add(connection->fd(), *connection);
  }
}

}  // namespace airlane::bench
