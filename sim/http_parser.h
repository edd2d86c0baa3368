// HTTP/1.x requests out of a stream of bytes: lenient about spelling (bare LF, leading empty lines,
// odd spaces), strict about framing. No descriptor, no clock; the caller owns the I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sim/http_message.h"

namespace airlane::sim {

class HttpParser {
 public:
  enum class Step : std::uint8_t {
    kNeedMore,  // All input is consumed.
    kHead,      // request() has everything but the body.
    kBody,      // body() is the next piece of it, without chunk framing.
    kComplete,  // The rest of the input belongs to the next request; call reset().
  };

  // Consumes `input` up to the next event.
  Result<Step> feed(std::string_view& input);
  void reset() { *this = HttpParser(); }

  HttpRequest& request() noexcept { return request_; }
  [[nodiscard]] std::string_view body() const noexcept { return body_; }

  static constexpr std::size_t kHeadMax = 64U << 10;
  static constexpr std::size_t kLineMax = 4U << 10;  // Of a chunk's size or a trailer.

 private:
  enum class State : std::uint8_t { kHead, kLength, kSize, kData, kDataEnd, kTrailer, kComplete };

  Result<Step> read_head(std::string_view& input);
  Result<Step> read_data(std::string_view& input);
  Result<Step> read_size();
  Status parse_head();
  Status parse_framing();
  // True when line_ holds a whole line; it is cleared by whoever used it.
  Result<bool> read_line(std::string_view& input);

  State state_ = State::kHead;
  std::string line_;
  std::string_view body_;
  std::uint64_t left_ = 0;  // Of the body or of the chunk.
  HttpRequest request_;
};

}  // namespace airlane::sim
