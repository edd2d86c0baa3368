// The last stage of a tunnel: bytes both ways until both directions have ended. Each half reads
// here, writes there and counts; the end of one stream is handed on as a half-close, while the
// other half goes on. A stream that was reset is an Error: the session resets both ends.
//
// A half has two gaits. What comes in small pieces is copied: one read into the worker's buffer,
// one write. When a read fills its 16 KiB there is more to come, and the half goes over to
// splice(2) through a pooled pipe, until a splice brings little. Of the two,
// copying is the cheaper one for small messages and splicing for bulk.
//
// What the receiver does not take waits: at most 16 KiB of a copy in our memory, or what is in the
// pipe; meanwhile nothing is read. How much a splice may take in begins small and doubles with
// every time that the receiver took it all, so that one who never reads pins little kernel memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/flow.h"
#include "proxy/receive_room.h"

namespace airlane {

class RelayHalf {
 public:
  enum class Toward : std::uint8_t { kTarget, kClient };

  RelayHalf(Flow& flow, Toward toward) : flow_(flow), toward_(toward) {}
  RelayHalf(RelayHalf&&) = delete;
  ~RelayHalf() { release_pipe(); }

  // Hands on bytes that did not come from the other end's socket.
  Status send_first(std::string_view bytes);
  // kDone once the stream has ended and everything of it has been handed on; then, unless the
  // connection is `over` with it, its end too.
  Result<Step> advance(bool over);

  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  [[nodiscard]] End& from() const noexcept {
    return toward_ == Toward::kTarget ? flow_.client : flow_.upstream;
  }
  [[nodiscard]] End& to() const noexcept {
    return toward_ == Toward::kTarget ? flow_.upstream : flow_.client;
  }
  [[nodiscard]] Way way() const noexcept {
    return toward_ == Toward::kTarget ? Way::kUp : Way::kDown;
  }
  [[nodiscard]] bool holds_bytes() const noexcept { return rest_ || (pipe_ && pipe_->held > 0); }

  // How many bytes were taken in; 0 also when there is nothing now.
  Result<std::size_t> copy(std::size_t most);
  Result<std::size_t> fill(std::size_t most);
  Result<std::size_t> take_end();
  Status drain();
  void keep(std::string_view rest);
  Status send_rest();
  Step wait_for_ends() noexcept;
  Result<Step> finish(bool over);
  bool take_pipe();
  void release_pipe();
  void count_read(std::size_t bytes);
  void count_written(std::size_t bytes);

  Flow& flow_;
  const Toward toward_;
  bool bulk_ = false;
  bool ended_ = false;  // `from` has.
  bool done_ = false;
  std::uint32_t window_ = 64 << 10;    // What one splice may take in.
  std::unique_ptr<std::string> rest_;  // Of a copy; null: nothing. So is the pipe when it is idle,
  std::unique_ptr<Pipe> pipe_;         // for a tunnel should weigh little.
  ReceiveRoom room_;                   // Of `from`.
};

class Relay {
 public:
  static constexpr std::string_view kName = "relay";

  explicit Relay(Flow& flow)
      : flow_(flow),
        up_(flow, RelayHalf::Toward::kTarget),
        down_(flow, RelayHalf::Toward::kClient) {}
  Relay(Relay&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error&) { return {}; }  // It is too late for an answer.

 private:
  Status begin();

  Flow& flow_;
  RelayHalf up_;
  RelayHalf down_;
};

}  // namespace airlane
