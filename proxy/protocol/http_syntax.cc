#include "proxy/protocol/http_syntax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace airlane::http {
namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr auto kTokenChars = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto c = static_cast<char>(i);
    table[i] = is_digit(c) || is_letter(c) || kTokenMarks.find(c) != std::string_view::npos;
  }
  return table;
}();

constexpr auto kValueChars = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = i == '\t' || (i >= ' ' && i != 0x7f);
  return table;
}();

}  // namespace

bool is_token_char(char c) noexcept { return kTokenChars[static_cast<std::uint8_t>(c)]; }
bool is_value_char(char c) noexcept { return kValueChars[static_cast<std::uint8_t>(c)]; }

// No early way out: nearly always all of them are right, and then this is the shortest.
bool is_token(std::string_view text) noexcept {
  bool right = !text.empty();
  for (const char c : text) right &= kTokenChars[static_cast<std::uint8_t>(c)];
  return right;
}

// Eight bytes at a time: the high bit of each byte of `odd` says that this one is a control. Words
// with one in it, a tab perhaps, are looked at byte by byte, as is what is left over.
bool is_field_value(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes << 7;
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    const auto deletes = word ^ (kOnes * 0x7f);
    const auto odd = ((word - kOnes * 0x20) & ~word) | ((deletes - kOnes) & ~deletes);
    if ((odd & kHighs) != 0 &&
        !std::all_of(text.begin(), text.begin() + sizeof word, is_value_char)) {
      return false;
    }
    text.remove_prefix(sizeof word);
  }
  return std::all_of(text.begin(), text.end(), is_value_char);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool next_element(std::string_view& list, std::string_view& element) noexcept {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    element = trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!element.empty()) return true;
  }
  return false;
}

Result<int> parse_version(std::string_view text) {
  constexpr std::string_view kShape = "HTTP/?.?";
  if (text.size() != kShape.size() || !text.starts_with("HTTP/") || text[6] != '.' ||
      !is_digit(text[5]) || !is_digit(text[7])) {
    return Error{Errc::kMalformed, "read version"};
  }
  if (text[5] != '1') return Error{Errc::kUnknownVersion, "read version"};
  return text[7] == '0' ? 0 : 1;
}

bool parse_length(std::string_view text, std::uint64_t& length) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, length);
  return parsed.ec == std::errc() && parsed.ptr == end &&
         length <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

}  // namespace airlane::http
