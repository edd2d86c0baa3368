#include "proxy/protocol/basic_credentials.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kScheme = "Basic ";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto kSextets = [] {
  std::array<int, 256> table{};
  for (auto& sextet : table) sextet = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<int>(i);
  }
  return table;
}();

bool is_control(char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f; }

}  // namespace

Result<BasicCredentials> parse_basic(std::string_view field_value) {
  const Error refused{Errc::kUnauthenticated, "read credentials"};
  const auto scheme = field_value.substr(0, kScheme.size());
  if (!http::equal_ignoring_case(scheme, kScheme)) return refused;
  auto encoded = field_value.substr(kScheme.size());
  while (encoded.starts_with(' ')) encoded.remove_prefix(1);
  const auto pair = base64_decode(encoded);
  if (!pair || std::any_of(pair->begin(), pair->end(), is_control)) return refused;
  const auto colon = pair->find(':');
  if (colon == std::string::npos) return refused;
  return BasicCredentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  auto digits = text;
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned held = 0;  // Bits in `bits` that are not yet part of a byte.
  for (const char digit : digits) {
    const auto sextet = kSextets[static_cast<std::uint8_t>(digit)];
    if (sextet < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<std::uint32_t>(sextet)) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xff);
  }
  const auto stray = bits & ((1U << held) - 1);
  if (stray != 0 || held == 6) return std::nullopt;
  return bytes;
}

}  // namespace airlane
