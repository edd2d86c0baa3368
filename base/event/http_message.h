// HTTP messages as values: what a request said, and the pieces of an answer. No socket, no library;
// http_server.h makes the one and sends the other.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"

namespace airlane {

// Names and values in their order. Names of fields compare case-insensitively, those of query
// parameters exactly.
using HttpFields = std::vector<std::pair<std::string, std::string>>;

// Who is at the other end of a Unix socket, as the kernel saw it when the socket was connected.
struct PeerCredentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // Supplementary ones.
};

struct HttpRequest {
  std::string method;     // "GET"
  std::string raw_path;   // As it was sent, without the query.
  std::string path;       // With %XX decoded.
  std::string raw_query;  // Without the '?'.
  HttpFields query;       // Decoded.
  HttpFields headers;
  std::string body;
  Address peer;         // 0.0.0.0:0 on a Unix socket.
  bool secure = false;  // It came by TLS.
  std::optional<PeerCredentials> credentials;

  // The first of that name; null when there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
  // The last of that name wins, as in Django; null when there is none.
  [[nodiscard]] const std::string* parameter(std::string_view name) const;
  // The value of a cookie; null when there is none.
  [[nodiscard]] std::optional<std::string> cookie(std::string_view name) const;
};

// "%41+b" is "A+b", or "A b" where a plus means a space. A broken escape stays as it is.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
// "a=1&b=x+y": a query or a form. A part without '=' has an empty value; empty parts are left out.
HttpFields parse_form(std::string_view text);
// ASCII only, whatever the locale.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace airlane
