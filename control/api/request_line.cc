#include "control/api/request_line.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "control/api/rotation_link.h"

namespace airlane::api {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kTokenLeast = 32;  // Ours have 43 characters.

// Also in a name that was misspelt: whoever writes `+key=` has a key behind it.
bool is_secret(std::string_view raw_name) {
  std::string name = percent_decode(raw_name, true);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.find("key") != std::string::npos || name.find("password") != std::string::npos ||
         name.find("token") != std::string::npos;
}

bool is_of_token(unsigned char c) {
  return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '%';
}

// A key or a link may be anywhere in an address that was put together wrongly.
std::string without_tokens(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto run = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_of_token) - text.begin());
    shown += run < kTokenLeast ? text.substr(0, run) : kMask;
    text.remove_prefix(run);
    if (text.empty()) break;
    shown += text.front();
    text.remove_prefix(1);
  }
  return shown;
}

}  // namespace

std::string shown_request_line(const HttpRequest& request) {
  const bool is_link = request.path.starts_with(kLinkPrefix);  // Its token is a secret.
  std::string line = request.method + " ";
  line += is_link ? std::string(kLinkPrefix) + "***" : without_tokens(request.raw_path);
  std::string_view rest = request.raw_query;
  char separator = '?';
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of("&;"), rest.size());
    const auto part = rest.substr(0, end);
    const char next = end < rest.size() ? rest[end] : '&';
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    line += std::exchange(separator, next);
    line += without_tokens(part.substr(0, equals));
    if (equals == part.size()) continue;
    line += '=';
    line += is_secret(part.substr(0, equals)) ? std::string(kMask)
                                              : without_tokens(part.substr(equals + 1));
  }
  return line;
}

}  // namespace airlane::api
