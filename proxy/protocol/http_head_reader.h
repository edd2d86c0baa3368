// Collects an HTTP/1.x head from the pieces in which the network delivers it.
//
// Each byte is looked at once, however the stream was cut, and the answer does not depend on that.
// A line that ends in a bare LF is refused when it is seen, so that nobody waits for an end that
// cannot come. What the lines say is read by http_head.h, in views of this reader's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace airlane {

inline constexpr std::size_t kHeadMost = std::size_t{32} * 1024;
inline constexpr std::size_t kStartLineMost = std::size_t{8} * 1024;  // Without its CRLF.

class HeadReader {
 public:
  enum class Kind : std::uint8_t {
    kRequest,   // One empty line before the request line is skipped (RFC 9112, section 2.2).
    kResponse,  // None is.
  };

  explicit HeadReader(Kind kind) : kind_(kind) {}
  HeadReader(HeadReader&&) = delete;  // Heads point into it.

  // Consumes as much of `input` as belongs to the head: true when it is complete, and what is left
  // belongs to the body, the next request or the tunnel. Not to be called again after an Error.
  Result<bool> feed(std::span<const char>& input);

  // The whole head with its last empty line, once complete.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  // Whether nothing of this head has arrived: between two messages, where closing is no error.
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  void reset() noexcept;  // For the next message. Keeps the memory of a head of usual size.

 private:
  Result<bool> end_line();

  Kind kind_;
  bool complete_ = false;
  bool skipped_empty_line_ = false;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  std::string text_;
};

}  // namespace airlane
