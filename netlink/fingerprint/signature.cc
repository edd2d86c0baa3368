#include "netlink/fingerprint/signature.h"

#include <algorithm>
#include <array>

namespace airlane {
namespace {

constexpr std::array<std::string_view, 17> kQuirkNames{
    "df",    "id+",   "id-",    "ecn",  "0+",   "flow", "seq-", "ack+", "ack-",
    "uptr+", "urgf+", "pushf+", "ts1-", "ts2+", "opt+", "exws", "bad"};
static_assert(kQuirkNames.size() == static_cast<std::size_t>(kLastQuirk) + 1);

std::string version_text(Signature::Version version) {
  switch (version) {
    case Signature::Version::kAny:
      return "*";
    case Signature::Version::kV4:
      return "4";
    case Signature::Version::kV6:
      return "6";
  }
  return {};
}

std::string ttl_text(const Signature& signature) {
  auto number = std::to_string(signature.ttl);
  switch (signature.ttl_form) {
    case Signature::TtlForm::kExact:
      return number;
    case Signature::TtlForm::kAtMost:
      return number + "-";
    case Signature::TtlForm::kUnknown:
      return number + "+?";
  }
  return {};
}

std::string window_text(const Signature& signature) {
  auto number = std::to_string(signature.window);
  switch (signature.window_form) {
    case Signature::WindowForm::kAny:
      return "*";
    case Signature::WindowForm::kFixed:
      return number;
    case Signature::WindowForm::kMultiple:
      return "%" + number;
    case Signature::WindowForm::kTimesMss:
      return "mss*" + number;
    case Signature::WindowForm::kTimesMtu:
      return "mtu*" + number;
  }
  return {};
}

std::string payload_text(Signature::Payload payload) {
  switch (payload) {
    case Signature::Payload::kNone:
      return "0";
    case Signature::Payload::kSome:
      return "+";
    case Signature::Payload::kAny:
      return "*";
  }
  return {};
}

template <class Number>
std::string number_or_any(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "*";
}

void append(std::string& list, std::string_view word) {
  if (!list.empty()) list += ',';
  list += word;
}

}  // namespace

bool Signature::has_option(std::uint8_t kind) const {
  return std::any_of(options.begin(), options.end(),
                     [kind](const TcpOption& option) { return option.kind == kind; });
}

std::string_view name_of(Quirk quirk) { return kQuirkNames[static_cast<std::size_t>(quirk)]; }

std::optional<Quirk> quirk_of(std::string_view name) {
  const auto* const found = std::find(kQuirkNames.begin(), kQuirkNames.end(), name);
  if (found == kQuirkNames.end()) return std::nullopt;
  return static_cast<Quirk>(found - kQuirkNames.begin());
}

std::string to_string(const TcpOption& option) {
  switch (option.kind) {
    case kOptionEnd:
      return option.padding >= 0 ? "eol+" + std::to_string(option.padding) : "?0";
    case kOptionNop:
      return "nop";
    case kOptionMss:
      return "mss";
    case kOptionScale:
      return "ws";
    case kOptionSackAllowed:
      return "sok";
    case kOptionSack:
      return "sack";
    case kOptionTime:
      return "ts";
    default:
      return "?" + std::to_string(option.kind);
  }
}

std::string to_string(const Signature& signature) {
  std::string options;
  for (const auto& option : signature.options) append(options, to_string(option));
  std::string quirks;
  for (std::size_t i = 0; i < kQuirkNames.size(); ++i) {
    if (signature.quirks.has(static_cast<Quirk>(i))) append(quirks, kQuirkNames[i]);
  }
  return version_text(signature.version) + ":" + ttl_text(signature) + ":" +
         std::to_string(signature.ip_options) + ":" + number_or_any(signature.mss) + ":" +
         window_text(signature) + "," + number_or_any(signature.scale) + ":" + options + ":" +
         quirks + ":" + payload_text(signature.payload);
}

}  // namespace airlane
