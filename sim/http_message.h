// A request as it was received, and a reply as it shall be sent, bad manners included. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"

namespace airlane::sim {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string target;   // As received.
  std::string version;  // "HTTP/1.1"
  Fields fields;        // In their order and case, values trimmed.
  std::string head;     // Verbatim, with the empty line.
  std::string body;     // Without its chunks; only the first kKeptBody bytes.
  std::uint64_t body_bytes = 0;
  std::string body_sha256;  // Empty when there was no body.
  Address peer;             // Of a Unix socket: 0.0.0.0:0.

  static constexpr std::size_t kKeptBody = 1 << 20;

  // The value of the first field of that name in any case; empty if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
  // The target without scheme and host (absolute form) and without the query.
  [[nodiscard]] std::string_view path() const noexcept;
  [[nodiscard]] bool wants_to_stay() const noexcept;  // Keep-alive, by version and Connection.
};

struct Reply {
  enum class Framing : std::uint8_t { kLength, kChunked, kUntilClose };
  enum class Ending : std::uint8_t {
    kKeep,   // Keep-alive, if the client wants it.
    kClose,  // Connection: close, said and done.
    kCut,    // FIN without a word.
    kReset,  // RST, after what was sent has arrived.
    kHang,   // Never a byte, until the client goes.
  };

  int status = 200;
  Fields fields;
  std::string body;
  std::uint64_t pattern_bytes = 0;        // Instead of `body`.
  std::optional<std::uint64_t> promised;  // A Content-Length other than the truth.
  Framing framing = Framing::kLength;
  Ending ending = Ending::kKeep;
  bool interim = false;                // "100 Continue" first, asked or not.
  std::chrono::milliseconds delay{0};  // Before the first byte.
  std::chrono::milliseconds drip{0};   // Between two bytes of the body.

  [[nodiscard]] std::uint64_t size() const noexcept {
    return pattern_bytes > 0 ? pattern_bytes : body.size();
  }

  static Reply text(std::string body, int status = 200);
  static Reply json(std::string body, int status = 200);
};

std::string_view reason(int status) noexcept;
bool same_word(std::string_view a, std::string_view b) noexcept;  // In any case.

}  // namespace airlane::sim
