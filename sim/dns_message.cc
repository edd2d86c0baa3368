#include "sim/dns_message.h"

#include <algorithm>
#include <cctype>

namespace airlane::sim {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kResponse = 0x8000;
constexpr std::uint16_t kAuthoritative = 0x0400;
constexpr std::uint16_t kTruncated = 0x0200;
constexpr std::uint16_t kRecursionDesired = 0x0100;
constexpr std::uint16_t kRecursionAvailable = 0x0080;
constexpr std::uint16_t kTypeAuthority = 6;  // SOA
constexpr std::uint16_t kTypeOpt = 41;
constexpr std::uint16_t kOurUdpLimit = 4096;

std::uint16_t read16(std::string_view text, std::size_t at) {
  const auto high = static_cast<unsigned char>(text[at]);
  const auto low = static_cast<unsigned char>(text[at + 1]);
  return static_cast<std::uint16_t>(high << 8 | low);
}

void put16(std::string& out, std::size_t number) {
  out += static_cast<char>(number >> 8 & 0xff);
  out += static_cast<char>(number & 0xff);
}

struct Counts {
  std::size_t answers = 0;
  std::size_t authorities = 0;
};

void put_header(std::string& out, const DnsQuery& query, int code, Counts counts, bool cut) {
  std::uint16_t flags = kResponse | kAuthoritative | kRecursionAvailable;
  if (query.recursion_desired) flags |= kRecursionDesired;
  if (cut) flags |= kTruncated;
  put16(out, query.id);
  put16(out, flags | static_cast<unsigned>(code));
  put16(out, 1);
  put16(out, counts.answers);
  put16(out, counts.authorities);
  put16(out, query.edns ? 1 : 0);
  out += query.question;
}

void put_edns(std::string& out, const DnsQuery& query) {
  if (!query.edns) return;
  out += '\0';
  put16(out, kTypeOpt);
  put16(out, kOurUdpLimit);
  out.append(6, '\0');  // Extended code, version, flags, no options.
}

void put_address(std::string& out, const Address& address, std::uint32_t ttl) {
  put16(out, 0xc000 | kHeader);  // The name is the question's.
  put16(out, address.is_v4() ? kTypeA : kTypeAaaa);
  put16(out, 1);
  put16(out, ttl >> 16);
  put16(out, ttl & 0xffff);
  put16(out, address.size());
  out.append(reinterpret_cast<const char*>(address.bytes()), address.size());
}

// How long it may be remembered that there is nothing (RFC 2308, section 5).
void put_authority(std::string& out, std::uint32_t ttl) {
  out += std::string("\4test\0", 6);
  put16(out, kTypeAuthority);
  put16(out, 1);
  put16(out, ttl >> 16);
  put16(out, ttl & 0xffff);
  put16(out, 22);
  out.append(2, '\0');  // Names of the server and of who answers for it: the root.
  for (const std::uint32_t number : {1U, 3600U, 600U, 86400U, ttl}) {
    put16(out, number >> 16);
    put16(out, number & 0xffff);
  }
}

// Reads the labels at `at` into `name` and moves behind them.
bool read_name(std::string_view message, std::size_t& at, std::string& name) {
  for (;;) {
    if (at >= message.size()) return false;
    const auto length = static_cast<unsigned char>(message[at++]);
    if (length == 0) return true;
    if (length > 63 || at + length > message.size() || name.size() > 255) return false;
    if (!name.empty()) name += '.';
    for (const char c : message.substr(at, length)) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    at += length;
  }
}

}  // namespace

std::optional<DnsQuery> parse_query(std::string_view message) {
  if (message.size() < kHeader) return std::nullopt;
  const auto flags = read16(message, 2);
  if ((flags & 0xf800) != 0 || read16(message, 4) != 1) return std::nullopt;
  DnsQuery query;
  query.id = read16(message, 0);
  query.recursion_desired = (flags & kRecursionDesired) != 0;
  std::size_t at = kHeader;
  if (!read_name(message, at, query.name) || at + 4 > message.size()) return std::nullopt;
  query.type = read16(message, at);
  at += 4;
  query.question = message.substr(kHeader, at - kHeader);
  if (read16(message, 10) == 1 && at + 11 <= message.size() && message[at] == '\0' &&
      read16(message, at + 1) == kTypeOpt) {
    query.edns = true;
    query.udp_limit = std::clamp<std::size_t>(read16(message, at + 3), 512, kOurUdpLimit);
  }
  return query;
}

std::string build_answer(const DnsQuery& query, const DnsAnswer& answer, std::size_t limit) {
  std::string out;
  const bool negative = answer.addresses.empty() && answer.code != kServerFailure;
  put_header(out, query, answer.code, {answer.addresses.size(), negative ? 1U : 0U}, false);
  for (const auto& address : answer.addresses) put_address(out, address, answer.ttl);
  if (negative) put_authority(out, answer.negative_ttl);
  put_edns(out, query);
  if (out.size() <= limit) return out;
  out.clear();
  put_header(out, query, answer.code, {}, true);
  put_edns(out, query);
  return out;
}

}  // namespace airlane::sim
