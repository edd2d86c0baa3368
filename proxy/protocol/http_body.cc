#include "proxy/protocol/http_body.h"

#include <algorithm>
#include <cassert>

#include "proxy/protocol/http_fields.h"
#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr int kSizeDigitsMost = 16;
constexpr std::uint64_t kChunkMost = std::uint64_t{1} << 62;

Error malformed(const char* during) { return {Errc::kMalformed, during}; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

BodyReader::BodyReader(BodyFraming framing, std::uint64_t length) noexcept
    : state_(framing == BodyFraming::kChunked      ? State::kSizeStart
             : framing == BodyFraming::kUntilClose ? State::kUntilClose
             : framing == BodyFraming::kLength     ? State::kLength
                                                   : State::kComplete),
      remaining_(framing == BodyFraming::kLength ? length : 0) {
  if (state_ == State::kLength && remaining_ == 0) state_ = State::kComplete;
}

std::uint64_t BodyReader::remaining_length() const noexcept {
  return state_ == State::kLength || state_ == State::kData ? remaining_ : 0;
}

void BodyReader::skip(std::uint64_t bytes) noexcept {
  if (state_ == State::kUntilClose) return;
  assert(bytes <= remaining_length());
  remaining_ -= bytes;
  if (remaining_ > 0 || bytes == 0) return;
  state_ = state_ == State::kLength ? State::kComplete : State::kDataCr;
}

Result<std::size_t> BodyReader::read(std::span<const char> input, std::string* payload) {
  const auto all = input.size();
  while (!input.empty() && state_ != State::kComplete) {
    if (state_ == State::kLength || state_ == State::kData || state_ == State::kUntilClose) {
      input = input.subspan(take_payload(input, payload));
      continue;
    }
    if (const auto read = read_framing(input.front()); !read) return read.error();
    input = input.subspan(1);
  }
  return all - input.size();
}

std::size_t BodyReader::take_payload(std::span<const char> input, std::string* payload) {
  auto size = input.size();
  if (state_ != State::kUntilClose && size > remaining_)
    size = static_cast<std::size_t>(remaining_);
  if (payload != nullptr) payload->append(input.data(), size);
  skip(size);
  return size;
}

Status BodyReader::read_framing(char c) {
  switch (state_) {
    case State::kSizeStart:
    case State::kSize:
      return read_size(c);
    case State::kExtensionStart:
    case State::kExtension:
      return read_extension(c);
    case State::kSizeLf:
      size_digits_ = 0;
      return expect(c, '\n', remaining_ > 0 ? State::kData : State::kTrailerStart);
    case State::kDataCr:
      return expect(c, '\r', State::kDataLf);
    case State::kDataLf:
      return expect(c, '\n', State::kSizeStart);
    case State::kTrailerStart:
    case State::kTrailerName:
    case State::kTrailerValue:
      return read_trailer(c);
    case State::kTrailerLf:
      return expect(c, '\n', State::kTrailerStart);
    case State::kLastLf:
      return expect(c, '\n', State::kComplete);
    case State::kLength:
    case State::kUntilClose:
    case State::kData:
    case State::kComplete:
      break;  // These have no framing; see read().
  }
  return malformed("read chunk");
}

Status BodyReader::expect(char c, char expected, State next) {
  if (c != expected) return malformed("read chunk line end");
  state_ = next;
  return Done{};
}

// Hex digits and nothing else: no sign, no 0x, no space, nothing that would overflow.
Status BodyReader::read_size(char c) {
  if (const auto digit = hex_value(c); digit >= 0) {
    if (++size_digits_ > kSizeDigitsMost) return malformed("read chunk size");
    remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
    state_ = State::kSize;
    return remaining_ < kChunkMost ? Status(Done{}) : malformed("read chunk size");
  }
  if (state_ == State::kSizeStart) return malformed("read chunk size");
  if (c == ';') {
    state_ = State::kExtensionStart;
    return Done{};
  }
  return expect(c, '\r', State::kSizeLf);
}

// Extensions are passed on unread, but a line end hidden in one would split the message.
Status BodyReader::read_extension(char c) {
  if (++extension_bytes_ > kChunkExtensionsMost) {
    return Error{Errc::kTooLarge, "read chunk extension"};
  }
  if (c == '\r' && state_ == State::kExtension) {
    state_ = State::kSizeLf;
    return Done{};
  }
  const bool blank = c == ' ' || c == '\t';
  if (state_ == State::kExtensionStart && !blank) {
    if (!http::is_token_char(c)) return malformed("read chunk extension");
    state_ = State::kExtension;
  }
  return http::is_value_char(c) ? Status(Done{}) : malformed("read chunk extension");
}

Status BodyReader::read_trailer(char c) {
  if (++trailer_bytes_ > kTrailerBytesMost) return Error{Errc::kTooLarge, "read trailer"};
  if (state_ == State::kTrailerValue) {
    if (c == '\r') state_ = State::kTrailerLf;
    return c == '\r' || http::is_value_char(c) ? Status(Done{}) : malformed("read trailer");
  }
  if (state_ == State::kTrailerName) return read_trailer_name(c);
  if (c == '\r') {
    state_ = State::kLastLf;
    return Done{};
  }
  if (++trailers_ > kTrailersMost) return Error{Errc::kTooLarge, "count trailers"};
  state_ = State::kTrailerName;
  name_size_ = 0;
  if (c == ':') return malformed("read trailer");
  return read_trailer_name(c);
}

// A trailer that speaks about framing or routing has no business here (RFC 9110, section 6.5.1),
// and a target that merges trailers into the head would believe it.
Status BodyReader::read_trailer_name(char c) {
  if (c == ':') {
    state_ = State::kTrailerValue;
    const bool forbidden = identify_field({name_.data(), name_size_}) != FieldId::kOther;
    return forbidden ? malformed("read trailer") : Status(Done{});
  }
  if (!http::is_token_char(c)) return malformed("read trailer");
  if (name_size_ < name_.size()) name_[name_size_++] = c;
  return Done{};
}

}  // namespace airlane
