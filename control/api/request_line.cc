#include "control/api/request_line.h"

#include <algorithm>

#include "control/api/rotation_link.h"

namespace airlane::api {
namespace {

constexpr std::string_view kMask = "***";

bool is_secret(std::string_view raw_name) {
  const std::string name = percent_decode(raw_name, true);
  return equal_ignoring_case(name, "key") || equal_ignoring_case(name, "password") ||
         equal_ignoring_case(name, "api_key");
}

}  // namespace

std::string shown_request_line(const HttpRequest& request) {
  const bool is_link = request.path.starts_with(kLinkPrefix);  // Its token is a secret.
  std::string line = request.method + " ";
  line += is_link ? std::string(kLinkPrefix) + "***" : request.raw_path;
  std::string_view rest = request.raw_query;
  char separator = '?';
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    line += separator;
    separator = '&';
    line += part.substr(0, equals);
    if (equals == part.size()) continue;
    line += '=';
    line += is_secret(part.substr(0, equals)) ? kMask : part.substr(equals + 1);
  }
  return line;
}

}  // namespace airlane::api
