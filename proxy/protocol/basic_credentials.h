// Proxy-Authorization: Basic (RFC 7617), as a function of its text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace airlane {

struct BasicCredentials {
  std::string user;      // Up to the first colon.
  std::string password;  // All the rest.
};

// "Basic dXNlcjpwYXNz", in any case of the scheme. Whatever is wrong (another scheme, base64 that
// is not strictly RFC 4648, no colon, control characters), it is kUnauthenticated: the client is
// asked for its credentials again, and learns nothing about why.
Result<BasicCredentials> parse_basic(std::string_view field_value);

// Strict: no white space, padding complete, no stray bits behind the last byte.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace airlane
