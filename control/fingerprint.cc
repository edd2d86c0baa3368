#include "control/fingerprint.h"

#include <algorithm>

namespace airlane {
namespace {

constexpr std::size_t kMost = 256;

Failure wrong(std::string what) { return {Failure::Kind::kInvalid, std::move(what)}; }

}  // namespace

Outcome<std::string> read_fingerprint(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789*:,+-%?";
  std::string signature(text.substr(0, kMost + 1));
  std::replace(signature.begin(), signature.end(), ' ', '+');
  if (signature.size() > kMost) return wrong("is too long for a p0f v3 SYN signature");
  if (signature.find_first_not_of(kAllowed) != std::string::npos ||
      std::count(signature.begin(), signature.end(), ':') != 7) {
    return wrong("is no p0f v3 SYN signature of 8 fields");
  }
  const auto version = signature.substr(0, signature.find(':'));
  const auto payload = signature.substr(signature.rfind(':') + 1);
  if (version != "*" && version != "4" && version != "6") {
    return wrong("has an IP version other than 4, 6 and *");
  }
  if (payload != "*" && payload != "0" && payload != "+") {
    return wrong("has a payload class other than 0, + and *");
  }
  return signature;
}

}  // namespace airlane
