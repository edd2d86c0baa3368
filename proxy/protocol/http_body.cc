#include "proxy/protocol/http_body.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include "proxy/protocol/http_fields.h"
#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr int kSizeDigitsMost = 16;
constexpr std::uint64_t kChunkMost = std::uint64_t{1} << 62;

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kUsualDigits = 6;

// The size line of a chunk, to see at once whether the next chunk has the same: comparing eight
// bytes takes a third of the time of reading the number again.
class ChunkShape {
 public:
  ChunkShape(std::string_view chunk, std::size_t line, std::size_t whole)
      : mask_(line == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * line)) - 1),
        line_(first_eight(chunk) & mask_),
        whole_(std::max(whole, sizeof mask_)) {}

  [[nodiscard]] bool fits(std::string_view chunk) const noexcept {
    return chunk.size() >= whole_ && (first_eight(chunk) & mask_) == line_;
  }

 private:
  static std::uint64_t first_eight(std::string_view text) noexcept {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), std::min(text.size(), sizeof bytes));
    if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
    return bytes;
  }

  std::uint64_t mask_;
  std::uint64_t line_;
  std::size_t whole_;
};

// Eight chunks of one shape in a row, to compare with as many as are there, word by word: a chunk's
// bytes are a whole number of eighths of a word. Where a body comes in chunks of one byte, that
// takes an eighth of the time of comparing chunk by chunk.
class ChunkRow {
 public:
  static constexpr std::size_t kWholeMost = 32;  // Larger chunks gain nothing.
  static constexpr std::size_t kChunks = 8;

  ChunkRow(std::string_view chunk, std::size_t line) : words_(chunk.size()) {
    std::array<char, kWholeMost * kChunks> want{};
    std::array<char, kWholeMost * kChunks> mask{};
    for (std::size_t i = 0; i < kChunks * chunk.size(); ++i) {
      const auto at = i % chunk.size();
      if (at >= line && at + kCrLf.size() < chunk.size()) continue;  // Payload.
      want[i] = chunk[at];
      mask[i] = '\xff';
    }
    std::memcpy(want_.data(), want.data(), sizeof want_);
    std::memcpy(mask_.data(), mask.data(), sizeof mask_);
  }

  // How many bytes of `input` are such rows.
  [[nodiscard]] std::size_t match(std::string_view input) const noexcept {
    const auto size = words_ * sizeof(std::uint64_t);
    std::size_t at = 0;
    for (; input.size() - at >= size; at += size) {
      std::uint64_t different = 0;
      for (std::size_t i = 0; i < words_; ++i) {
        std::uint64_t word;
        std::memcpy(&word, input.data() + at + i * sizeof word, sizeof word);
        different |= (word ^ want_[i]) & mask_[i];
      }
      if (different != 0) break;
    }
    return at;
  }

 private:
  std::size_t words_;  // As many as a chunk has bytes.
  std::array<std::uint64_t, kWholeMost> want_;
  std::array<std::uint64_t, kWholeMost> mask_;
};

Error malformed(const char* during) { return {Errc::kMalformed, during}; }

constexpr auto kHexValues = [] {
  std::array<std::int8_t, 256> table{};
  for (auto& value : table) value = -1;
  for (std::int8_t i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = i;
  for (std::int8_t i = 10; i < 16; ++i) {
    table[static_cast<std::size_t>('a' + i - 10)] = i;
    table[static_cast<std::size_t>('A' + i - 10)] = i;
  }
  return table;
}();

int hex_value(char c) { return kHexValues[static_cast<std::uint8_t>(c)]; }

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

Result<std::size_t> BodyReader::read(std::span<const char> input, std::string* payload,
                                     std::string* trailers) {
  const auto all = input.size();
  while (!input.empty() && state_ != State::kComplete) {
    if (state_ == State::kLength || state_ == State::kData || state_ == State::kUntilClose) {
      input = input.subspan(take_payload(input, payload));
      continue;
    }
    if (state_ == State::kSizeStart) {
      input = input.subspan(take_whole_chunks({input.data(), input.size()}, payload));
    }
    if (input.empty()) break;
    if (trailers != nullptr && is_of_trailer(input.front())) *trailers += input.front();
    if (const auto read = read_framing(input.front()); !read) return read.error();
    input = input.subspan(1);
  }
  return all - input.size();
}

// A body that comes in small chunks is more framing than payload. Those that are there as a whole,
// and look as nearly all do ("1f CRLF payload CRLF", a few digits, no extension), are taken here in
// one go; anything else is left to read_framing(), which would come to the same end byte by byte.
std::size_t BodyReader::take_whole_chunks(std::string_view input, std::string* payload) {
  const auto all = input.size();
  for (;;) {
    std::size_t line = 0;
    std::size_t size = 0;
    const auto digits_most = std::min(input.size(), kUsualDigits);
    for (int digit = 0; line < digits_most && (digit = hex_value(input[line])) >= 0; ++line) {
      size = size << 4 | static_cast<unsigned>(digit);
    }
    line += kCrLf.size();
    const auto whole = line + size + kCrLf.size();
    // No size at all and size 0 are of no interest here.
    if (size == 0 || input.size() < whole || !input.substr(0, line).ends_with(kCrLf)) break;
    const ChunkShape shape(input, line, whole);
    std::size_t alike = 0;
    do {
      const auto chunk = input.substr(0, whole);
      if (!chunk.ends_with(kCrLf)) return all - input.size();
      if (payload != nullptr) payload->append(input.substr(line, size));
      input.remove_prefix(whole);
      // After so many of the same, there may well be rows of them.
      if (++alike == ChunkRow::kChunks && payload == nullptr && whole <= ChunkRow::kWholeMost) {
        input.remove_prefix(ChunkRow(chunk, line).match(input));
      }
    } while (shape.fits(input));
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

// Whether the next byte belongs to a trailer's line, as the last empty line does not.
bool BodyReader::is_of_trailer(char c) const noexcept {
  return state_ == State::kTrailerName || state_ == State::kTrailerValue ||
         state_ == State::kTrailerLf || (state_ == State::kTrailerStart && c != '\r');
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
