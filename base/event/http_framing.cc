#include "base/event/http_framing.h"

#include <strings.h>

namespace airlane {
namespace {

constexpr std::string_view kDigits = "0123456789";
// RFC 3986, section 3.2, but for the user.
constexpr std::string_view kOfHosts =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:[]";

bool is_called(const std::string& name, const char* wanted) {
  return strcasecmp(name.c_str(), wanted) == 0;
}

}  // namespace

std::string_view wrong_framing(const HttpFields& fields, bool needs_host) {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  for (const auto& [name, value] : fields) {
    if (is_called(name, "Host")) {
      ++hosts;
      if (value.find_first_not_of(kOfHosts) != value.npos) return "The field Host names no host.";
    } else if (is_called(name, "Content-Length")) {
      ++lengths;
      if (value.empty() || value.find_first_not_of(kDigits) != value.npos) {
        return "The field Content-Length is no number.";
      }
    } else if (is_called(name, "Transfer-Encoding")) {
      ++codings;
      if (!is_called(value, "chunked")) return "No Transfer-Encoding but chunked is known here.";
    }
  }
  if (hosts > 1 || (needs_host && hosts == 0)) return "There must be one field Host.";
  if (lengths + codings > 1) return "There must be one Content-Length, or one Transfer-Encoding.";
  return {};
}

}  // namespace airlane
