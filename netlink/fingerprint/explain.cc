#include "netlink/fingerprint/explain.h"

#include <array>
#include <utility>

#include "netlink/fingerprint/honour.h"

namespace airlane {
namespace {

std::string version_meaning(const Signature& signature) {
  switch (signature.version) {
    case Signature::Version::kAny:
      return "SYNs over IPv4 and IPv6 look like this.";
    case Signature::Version::kV4:
      return "SYNs over IPv4 look like this; over IPv6 only the TTL is changed.";
    case Signature::Version::kV6:
      return "SYNs over IPv6 look like this; over IPv4 only the TTL is changed.";
  }
  return {};
}

std::string ttl_meaning(const Signature& signature) {
  const auto ttl = std::to_string(signature.ttl);
  if (signature.ttl_form == Signature::TtlForm::kAtMost) {
    return "Random, at most " + ttl + ": every packet is sent with " + ttl + ".";
  }
  return "Every packet is sent with TTL " + ttl + ".";
}

std::string mss_meaning(const Signature& signature) {
  if (!signature.has_option(kOptionMss)) return "None is told.";
  if (!signature.mss) return "The kernel's own: what the dongle's MTU has room for.";
  return "Peers are told to send segments of at most " + std::to_string(*signature.mss) + " bytes.";
}

std::string window_meaning(const Signature& signature) {
  const auto number = std::to_string(signature.window);
  switch (signature.window_form) {
    case Signature::WindowForm::kAny:
      return "The kernel's own window.";
    case Signature::WindowForm::kFixed:
      return "A window of " + number + " bytes in the SYN.";
    case Signature::WindowForm::kMultiple:
      return "The largest multiple of " + number + " in the kernel's own window.";
    case Signature::WindowForm::kTimesMss:
      return "A window of " + number + " times the MSS in the SYN.";
    case Signature::WindowForm::kTimesMtu:
      return "A window of " + number + " times the MSS and its headers in the SYN.";
  }
  return {};
}

std::string scale_meaning(const Signature& signature) {
  if (!signature.has_option(kOptionScale)) return "None: windows are at most 65535 bytes.";
  if (!signature.scale) return "The kernel's own.";
  const unsigned scale = *signature.scale;
  return "Windows count by " + std::to_string(1U << scale) + ": at most " +
         std::to_string(65535U << scale) + " bytes in one round trip; tcp_rmem must allow " +
         std::to_string(UINT32_C(32768) << scale) + ".";
}

std::string meaning_of(const TcpOption& option) {
  switch (option.kind) {
    case kOptionEnd:
      return "end, " + std::to_string(option.padding) + " bytes behind it";
    case kOptionNop:
      return "filler";
    case kOptionMss:
      return "largest segment";
    case kOptionScale:
      return "window scale";
    case kOptionSackAllowed:
      return "selective ACK is offered";
    case kOptionSack:
      return "a selective ACK of zeros";
    case kOptionTime:
      return "timestamps";
    default:
      return "option " + std::to_string(option.kind) + " without data";
  }
}

std::string layout_meaning(const Signature& signature) {
  if (signature.options.empty()) return "No TCP options.";
  std::string text;
  std::size_t size = 0;
  for (const auto& option : signature.options) {
    text += (text.empty() ? "" : ", ") + meaning_of(option);
    size += size_of(option);
  }
  return std::to_string(size) + " bytes of TCP options: " + text + ".";
}

std::string id_meaning(const Quirks& quirks) {
  const bool df = quirks.has(Quirk::kDf);
  const bool id = df ? quirks.has(Quirk::kIdNonZero) : !quirks.has(Quirk::kIdZero);
  return std::string(df ? "Not to be fragmented" : "May be fragmented") +
         (id ? ", with an IP id" : ", without an IP id");
}

std::string quirks_meaning(const Signature& signature) {
  static constexpr std::array<std::pair<Quirk, const char*>, 10> kWords{
      {{Quirk::kEcn, "congestion marks are offered"},
       {Quirk::kReserved, "the reserved bit of IPv4 is set"},
       {Quirk::kFlow, "an IPv6 flow label"},
       {Quirk::kAckNonZero, "an ACK number without its flag"},
       {Quirk::kUrgentValue, "an urgent pointer without its flag"},
       {Quirk::kUrgentFlag, "urgent"},
       {Quirk::kPushFlag, "pushed"},
       {Quirk::kOwnTimeZero, "the own timestamp is 0"},
       {Quirk::kPeerTime, "the peer's timestamp is not 0"},
       {Quirk::kTrailing, "there is something behind the end of the options"}}};
  auto text = id_meaning(signature.quirks);
  for (const auto& [quirk, words] : kWords) {
    if (signature.quirks.has(quirk)) text += std::string("; ") + words;
  }
  return text + ".";
}

}  // namespace

std::vector<ExplainedField> explain(const Signature& signature) {
  // The names have no ':' in them, so neither have the fields.
  const auto whole = to_string(signature);
  std::array<std::string, 8> written;
  std::size_t at = 0;
  for (auto& field : written) {
    const auto end = whole.find(':', at);
    field = whole.substr(at, end == std::string::npos ? end : end - at);
    at = end + 1;
  }
  const auto comma = written[4].find(',');
  return {{"ver", written[0], version_meaning(signature)},
          {"ittl", written[1], ttl_meaning(signature)},
          {"olen", written[2], "No IP options."},
          {"mss", written[3], mss_meaning(signature)},
          {"wsize", written[4].substr(0, comma), window_meaning(signature)},
          {"scale", written[4].substr(comma + 1), scale_meaning(signature)},
          {"olayout", written[5], layout_meaning(signature)},
          {"quirks", written[6], quirks_meaning(signature)},
          {"pclass", written[7], "No data in the SYN."}};
}

}  // namespace airlane
