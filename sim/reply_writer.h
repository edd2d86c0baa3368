// The bytes of one reply, a piece at a time: head, body in its framing, last chunk. Long bodies are
// never copied: peek() points into the pattern. No descriptor, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/http_message.h"

namespace airlane::sim {

class ReplyWriter {
 public:
  ReplyWriter() = default;
  ReplyWriter(const HttpRequest& request, Reply reply);

  // The next bytes; empty at the end. Valid until the next call of consume().
  [[nodiscard]] std::string_view peek() const;
  void consume(std::size_t bytes);

  [[nodiscard]] const Reply& reply() const noexcept { return reply_; }
  // Whether the connection may serve another request after this one.
  [[nodiscard]] bool stays() const noexcept { return stays_; }
  // True while the next byte belongs to the body: the ones that drip.
  [[nodiscard]] bool in_body() const noexcept { return text_.empty() && body_left_ > 0; }

  static constexpr std::uint64_t kChunk = 256U << 10;

 private:
  void write_head(const HttpRequest& request);
  void refill();

  Reply reply_;
  std::string text_;  // Head or chunk framing; goes out before the body.
  std::size_t text_sent_ = 0;
  std::uint64_t body_sent_ = 0;
  std::uint64_t body_left_ = 0;
  std::uint64_t chunk_left_ = 0;
  bool chunked_ = false;
  bool last_chunk_due_ = false;
  bool stays_ = false;
};

}  // namespace airlane::sim
