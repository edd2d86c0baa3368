// Where a message body ends (RFC 9112, sections 6 and 7), as a function of bytes.
//
// The reader never changes what passes: a chunked body is checked and handed on with its framing.
// It holds no bytes, and its answer does not depend on how the stream was cut. A body that breaks
// the rules is an Error, after which the session must close without a clean end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace airlane {

enum class BodyFraming : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

inline constexpr std::size_t kChunkExtensionsMost =
    std::size_t{16} * 1024;  // In all of a body's chunks.
inline constexpr std::size_t kTrailersMost = 64;
inline constexpr std::size_t kTrailerBytesMost = std::size_t{16} * 1024;

class BodyReader {
 public:
  explicit BodyReader(BodyFraming framing, std::uint64_t length = 0) noexcept;

  // How many bytes at the start of `input` belong to this body, framing included. Fewer than all of
  // them only when it is complete. Not to be called again after an Error.
  Result<std::size_t> feed(std::span<const char> input) { return read(input, nullptr, nullptr); }
  // The same, and appends what they carry to `payload`: the body without its framing. The lines of
  // its trailers, each with its CRLF, go to `trailers`.
  Result<std::size_t> feed_decoded(std::span<const char> input, std::string& payload,
                                   std::string* trailers = nullptr) {
    return read(input, &payload, trailers);
  }

  // Whether the last byte has been fed. Never so for kUntilClose.
  [[nodiscard]] bool complete() const noexcept { return state_ == State::kComplete; }
  // Whether the message is whole if its connection ends here.
  [[nodiscard]] bool may_end() const noexcept { return complete() || state_ == State::kUntilClose; }

  // Payload that follows without framing in between, so that it may be moved unseen: the rest of a
  // kLength body, or of the chunk at hand. 0 when the next byte must be fed, and for kUntilClose,
  // where everything may be moved.
  [[nodiscard]] std::uint64_t remaining_length() const noexcept;
  void skip(std::uint64_t bytes) noexcept;  // They were moved; at most remaining_length().

 private:
  enum class State : std::uint8_t {
    kLength,
    kUntilClose,
    kComplete,
    kSizeStart,  // The states of a chunked body, in the order of its grammar.
    kSize,
    kExtensionStart,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kLastLf,
  };

  Result<std::size_t> read(std::span<const char> input, std::string* payload,
                           std::string* trailers);
  std::size_t take_payload(std::span<const char> input, std::string* payload);
  static std::size_t take_whole_chunks(std::string_view input, std::string* payload);
  [[nodiscard]] bool is_of_trailer(char c) const noexcept;
  Status read_framing(char c);
  Status expect(char c, char expected, State next);
  Status read_size(char c);
  Status read_extension(char c);
  Status read_trailer(char c);
  Status read_trailer_name(char c);

  State state_;
  std::uint8_t size_digits_ = 0;
  std::uint8_t name_size_ = 0;
  std::uint8_t trailers_ = 0;
  std::uint16_t extension_bytes_ = 0;
  std::uint16_t trailer_bytes_ = 0;
  std::array<char, 20> name_{};  // Start of a trailer's name: enough to know the forbidden ones.
  std::uint64_t remaining_;      // Of the body (kLength), or of the chunk at hand.
};

}  // namespace airlane
