#include "proxy/protocol/http_head_reader.h"

#include <algorithm>

#include "proxy/protocol/http_fields.h"

namespace airlane {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kMostKept = 4096;  // Of the memory, for the next head.

}  // namespace

Result<bool> HeadReader::feed(std::span<const char>& input) {
  while (!complete_ && !input.empty()) {
    const auto end = std::string_view(input.data(), input.size()).find('\n');
    const bool has_end = end != std::string_view::npos;
    const auto size = has_end ? end + 1 : input.size();
    // No more than it takes to see that a limit is broken.
    text_.append(input.data(), std::min(size, kHeadMost + 1 - std::min(kHeadMost, text_.size())));
    input = input.subspan(size);
    if (lines_ == 0 && text_.size() > kStartLineMost + kCrLf.size()) {
      return Error{kind_ == Kind::kRequest ? Errc::kTooLong : Errc::kTooLarge, "read start line"};
    }
    if (text_.size() > kHeadMost) return Error{Errc::kTooLarge, "read head"};
    if (!has_end) break;
    if (const auto ended = end_line(); !ended) return ended;
  }
  return complete_;
}

void HeadReader::reset() noexcept {
  complete_ = false;
  skipped_empty_line_ = false;
  line_start_ = 0;
  lines_ = 0;
  if (text_.capacity() > kMostKept) text_ = std::string();
  text_.clear();
}

Result<bool> HeadReader::end_line() {
  const auto size = text_.size() - line_start_;
  if (size < kCrLf.size() || !text_.ends_with(kCrLf)) {
    return Error{Errc::kMalformed, "read line end"};
  }
  if (size == kCrLf.size() && lines_ == 0) {
    if (kind_ == Kind::kResponse || skipped_empty_line_) {
      return Error{Errc::kMalformed, "read start line"};
    }
    skipped_empty_line_ = true;
    text_.clear();
    return false;
  }
  complete_ = size == kCrLf.size();
  ++lines_;
  if (!complete_ && lines_ > kFieldsMost + 1) return Error{Errc::kTooLarge, "count fields"};
  line_start_ = text_.size();
  return complete_;
}

}  // namespace airlane
