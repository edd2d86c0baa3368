#include "netlink/fingerprint/honour.h"

#include <algorithm>
#include <array>
#include <utility>

#include "netlink/fingerprint/egress_layout.h"

namespace airlane {
namespace {

using Form = Signature::WindowForm;

constexpr unsigned kUsualMss = 1460;    // Of an MTU of 1500; dongles have no more.
constexpr unsigned kHighestScale = 14;  // RFC 7323, 2.3
constexpr unsigned kSlowScale = 5;

Failure refused(std::string_view field, const std::string& why) {
  return {Failure::Kind::kInvalid,
          "The fingerprint cannot be used, for its " + std::string(field) + ": " + why + "."};
}

using Problem = std::optional<Failure>;

// These mean something that two bytes do not say: peers drop the SYN or take it for another thing.
bool is_misread(std::uint8_t kind) {
  constexpr std::uint8_t kMd5 = 19;
  constexpr std::uint8_t kAuthentication = 29;
  constexpr std::uint8_t kMultipath = 30;
  return kind == kMd5 || kind == kAuthentication || kind == kMultipath;
}

Problem check_option(const Signature& signature, const TcpOption& option) {
  if (option.kind == kOptionEnd && option.padding < 0) {
    return refused("olayout", "?0 does not say how many bytes follow; write eol+N");
  }
  if (is_misread(option.kind)) {
    return refused("olayout", to_string(option) +
                                  " (MD5, TCP-AO or MPTCP) without its data makes peers drop or "
                                  "misread the SYN");
  }
  const auto same = std::count_if(signature.options.begin(), signature.options.end(),
                                  [&](const TcpOption& o) { return o.kind == option.kind; });
  const bool once =
      option.kind == kOptionMss || option.kind == kOptionScale || option.kind == kOptionTime;
  if (once && same > 1) return refused("olayout", to_string(option) + " is there twice");
  return std::nullopt;
}

Problem check_layout(const Signature& signature) {
  std::size_t size = 0;
  for (const auto& option : signature.options) {
    if (auto problem = check_option(signature, option)) return problem;
    size += size_of(option);
  }
  if (size > EGRESS_OPTIONS_MOST) {
    return refused("olayout", "the options take " + std::to_string(size) +
                                  " bytes, and a TCP header has room for 40");
  }
  if (size % 4 != 0) {
    return refused("olayout", "the options take " + std::to_string(size) +
                                  " bytes, and a TCP header is a multiple of 4 bytes; add nop, or "
                                  "eol+N at the end");
  }
  return std::nullopt;
}

Problem check_quirks(const Signature& signature) {
  const auto& quirks = signature.quirks;
  static constexpr std::array<std::pair<Quirk, const char*>, 4> kNever{
      {{Quirk::kSequenceZero,
        "seq- would need every sequence number of the connection to be shifted"},
       {Quirk::kAckZero, "ack- is about packets with the ACK flag, and a SYN has none"},
       {Quirk::kScaleTooHigh, "exws is a scale above 14, and no kernel counts by that"},
       {Quirk::kMalformed, "bad is a SYN that nobody can parse"}}};
  for (const auto& [quirk, why] : kNever) {
    if (quirks.has(quirk)) return refused("quirks", why);
  }
  if (quirks.has(Quirk::kIdNonZero) && !quirks.has(Quirk::kDf)) {
    return refused("quirks", "id+ says that there is an IP id in spite of df, so it needs df");
  }
  if (quirks.has(Quirk::kIdZero) && quirks.has(Quirk::kDf)) {
    return refused("quirks",
                   "id- says that there is no IP id although df is missing; with df "
                   "alone the id is 0");
  }
  if (quirks.has(Quirk::kUrgentValue) && quirks.has(Quirk::kUrgentFlag)) {
    return refused("quirks",
                   "uptr+ is an urgent pointer without the URG flag, and urgf+ is the flag");
  }
  const bool own_or_peer = quirks.has(Quirk::kOwnTimeZero) || quirks.has(Quirk::kPeerTime);
  if (own_or_peer && !signature.has_option(kOptionTime)) {
    return refused("quirks", "ts1- and ts2+ need ts in olayout");
  }
  if (quirks.has(Quirk::kTrailing)) {
    // p0f does not count the first byte, so of eol+1 it sees nothing.
    const bool room = !signature.options.empty() && signature.options.back().padding > 1;
    if (!room) return refused("quirks", "opt+ needs eol+2 or more at the end of olayout");
  }
  return std::nullopt;
}

Problem check_window(const Signature& signature) {
  const bool has_mss = signature.has_option(kOptionMss);
  if (!has_mss && signature.mss.value_or(0) != 0) {
    return refused("mss", "it is given, but there is no mss in olayout");
  }
  if (!signature.has_option(kOptionScale) && signature.scale.value_or(0) != 0) {
    return refused("scale", "it is given, but there is no ws in olayout");
  }
  if (signature.scale.value_or(0) > kHighestScale) {
    return refused("scale", "no kernel counts by more than 14");
  }
  const bool by_mtu = signature.window_form == Form::kTimesMtu;
  if (!by_mtu && signature.window_form != Form::kTimesMss) return std::nullopt;
  if (!has_mss) return refused("wsize", "a multiple of the MSS or MTU needs mss in olayout");
  if (signature.mss.value_or(kUsualMss) < 100) {
    return refused("wsize", "a multiple of an MSS below 100 is never recognised");
  }
  const unsigned of_an_mtu = signature.version == Signature::Version::kV4 ? 40 : 60;
  const unsigned headers = by_mtu ? of_an_mtu : 0;
  const unsigned window = signature.window * (signature.mss.value_or(kUsualMss) + headers);
  if (window > 65535) {
    return refused("wsize", "it comes to " + std::to_string(window) + ", and 65535 is the most");
  }
  return std::nullopt;
}

}  // namespace

std::size_t size_of(const TcpOption& option) {
  switch (option.kind) {
    case kOptionEnd:
      return 1U + static_cast<std::size_t>(std::max<int>(option.padding, 0));
    case kOptionNop:
      return 1;
    case kOptionMss:
      return 4;
    case kOptionScale:
      return 3;
    case kOptionSack:
    case kOptionTime:
      return 10;
    default:
      return 2;
  }
}

std::optional<Failure> why_not(const Signature& signature) {
  if (signature.ttl_form == Signature::TtlForm::kUnknown) {
    return refused("ittl", "the distance is not known; traceroute tells it, and N+M adds it up");
  }
  if (signature.ip_options != 0) {
    return refused("olen", "packets with IP options do not get through most networks");
  }
  if (signature.payload == Signature::Payload::kSome) {
    return refused("pclass", "a SYN with data is not sent");
  }
  if (auto problem = check_layout(signature)) return problem;
  if (auto problem = check_quirks(signature)) return problem;
  return check_window(signature);
}

std::vector<std::string> warnings_for(const Signature& signature) {
  std::vector<std::string> warnings;
  const auto slow = [](unsigned scale) {
    return "a peer may have no more than " + std::to_string(65535U << scale) +
           " bytes on the way, which is all that a download gets in one round trip.";
  };
  if (!signature.has_option(kOptionScale)) {
    warnings.push_back("Without ws " + slow(0));
  } else if (signature.scale && *signature.scale < kSlowScale) {
    warnings.push_back("With a scale of " + std::to_string(*signature.scale) + " " +
                       slow(*signature.scale));
  }
  if (!signature.has_option(kOptionMss)) {
    warnings.emplace_back("Without mss peers send segments of 536 bytes.");
  } else if (signature.mss && *signature.mss < 536) {
    warnings.push_back("With an MSS of " + std::to_string(*signature.mss) +
                       " peers send very small segments.");
  } else if (signature.mss.value_or(0) > kUsualMss) {
    warnings.emplace_back(
        "The MSS is larger than a dongle can receive: downloads depend on the "
        "network to correct it.");
  }
  if (!signature.has_option(kOptionSackAllowed)) {
    warnings.emplace_back("Without sok a download recovers slowly from losses.");
  }
  for (const auto quirk : {Quirk::kReserved, Quirk::kAckNonZero, Quirk::kUrgentValue,
                           Quirk::kUrgentFlag, Quirk::kPushFlag}) {
    if (!signature.quirks.has(quirk)) continue;
    warnings.push_back("Firewalls may drop a SYN with " + std::string(name_of(quirk)) + ".");
  }
  if (signature.version != Signature::Version::kAny) {
    warnings.emplace_back(signature.version == Signature::Version::kV4
                              ? "Connections over IPv6 look native: ver is 4."
                              : "Connections over IPv4 look native: ver is 6.");
  }
  return warnings;
}

}  // namespace airlane
