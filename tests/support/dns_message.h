// DNS messages as a test's name server reads and writes them (RFC 1035, section 4.1).
#pragma once

#include <arpa/inet.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace airlane::test {

inline constexpr int kTypeA = 1;
inline constexpr int kTypeAaaa = 28;

// What is known about a name. Of `addresses` those of the family that is asked for are given.
struct DnsName {
  std::vector<std::string> addresses;
  std::uint32_t ttl = 60;
  int code = 0;           // 2: SERVFAIL, 3: NXDOMAIN, 5: REFUSED.
  int authority = -1;     // The minimum of an SOA record with an empty answer; -1: none.
  bool in_turn = false;   // One address at a time.
  bool only_tcp = false;  // By UDP the answer is cut.
  bool silent = false;    // No answer at all.
  int silent_about = 0;   // No answer to this type.
  std::chrono::milliseconds delay{0};
  int delayed = 0;    // The type that `delay` holds for; 0: all.
  std::string alias;  // The addresses belong to this name.
  std::uint32_t alias_ttl = 60;
};

struct DnsQuestion {
  std::string name;  // As asked.
  int type = 0;
  std::size_t size = 0;  // Of the header and the question.
};

// Sets size 0 when it is not a question.
inline DnsQuestion read_question(std::string_view message) {
  DnsQuestion question;
  std::size_t at = 12;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<std::size_t>(message[at]);
    if (!question.name.empty()) question.name += '.';
    question.name += message.substr(at + 1, length);
    at += length + 1;
  }
  if (at + 5 > message.size()) return {};
  question.type = static_cast<unsigned char>(message[at + 2]);
  question.size = at + 5;
  return question;
}

inline std::string dns_number(std::uint32_t value, int size) {
  std::string bytes;
  while (size-- > 0) bytes += static_cast<char>(value >> (8 * size) & 0xff);
  return bytes;
}

inline std::string dns_name(std::string_view name) {
  std::string bytes;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    bytes += static_cast<char>(label.size());
    bytes += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return bytes + '\0';
}

inline std::string dns_record(std::string_view owner, int type, std::uint32_t ttl,
                              std::string_view data) {
  return std::string(owner) + dns_number(static_cast<std::uint32_t>(type), 2) + dns_number(1, 2) +
         dns_number(ttl, 4) + dns_number(static_cast<std::uint32_t>(data.size()), 2) +
         std::string(data);
}

// `turn` counts the questions for this name and type.
inline std::string dns_answer(std::string_view message, const DnsQuestion& question,
                              const DnsName& known, std::size_t turn, bool by_tcp) {
  using namespace std::string_literals;
  std::string records;
  std::uint32_t count = 0;
  auto owner = "\xc0\x0c"s;  // The name of the question.
  if (!known.alias.empty()) {
    records += dns_record(owner, 5, known.alias_ttl, dns_name(known.alias));
    owner = dns_name(known.alias);
    ++count;
  }
  std::vector<Address> addresses;
  for (const auto& ip : known.addresses) {
    const auto address = *Address::parse(ip);
    if (address.is_v4() == (question.type == kTypeA)) addresses.push_back(address);
  }
  if (known.in_turn && !addresses.empty()) addresses = {addresses[turn % addresses.size()]};
  for (const auto& address : addresses) {
    const std::string_view bytes(reinterpret_cast<const char*>(address.bytes()), address.size());
    records += dns_record(owner, question.type, known.ttl, bytes);
    ++count;
  }
  const bool cut = known.only_tcp && !by_tcp;
  const bool has_authority = known.authority >= 0 && addresses.empty() && !cut;
  if (has_authority) {
    const auto minimum = static_cast<std::uint32_t>(known.authority);
    const auto data = dns_name("ns.test") + dns_name("root.test") + std::string(16, '\1') +
                      dns_number(minimum, 4);
    records += dns_record("\xc0\x0c", 6, 3600, data);
  }
  const std::uint32_t flags = 0x8180 | (cut ? 0x200 : 0) | static_cast<std::uint32_t>(known.code);
  auto reply = std::string(message.substr(0, 2)) + dns_number(flags, 2) + dns_number(1, 2) +
               dns_number(cut ? 0 : count, 2) + dns_number(has_authority ? 1 : 0, 2) +
               dns_number(0, 2);
  reply += message.substr(12, question.size - 12);
  return cut ? reply : reply + records;
}

}  // namespace airlane::test
