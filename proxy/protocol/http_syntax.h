// The characters and lists of HTTP (RFC 9110, section 5.6), shared by head and body.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace airlane::http {

bool is_token_char(char c) noexcept;
bool is_value_char(char c) noexcept;  // Visible, space, tab or obs-text; no other control.
bool is_token(std::string_view text) noexcept;        // Not empty.
bool is_field_value(std::string_view text) noexcept;  // May be empty.

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
std::string_view trim(std::string_view text) noexcept;  // Spaces and tabs, both ends.

// Takes the next element off a comma-separated list; false when none is left. Empty elements are
// skipped (section 5.6.1.2). Quoted strings are not known: no list that we read may hold one.
bool next_element(std::string_view& list, std::string_view& element) noexcept;

// "HTTP/1.1": its minor version, where every one above 1 counts as 1 (RFC 9110, section 2.5).
// kUnknownVersion for another major one.
Result<int> parse_version(std::string_view text);

// Digits only, no sign, no spaces, at most INT64_MAX: what fits into every off_t on the way.
bool parse_length(std::string_view text, std::uint64_t& length) noexcept;

}  // namespace airlane::http
