// DNS messages (RFC 1035), as far as a server of addresses needs them: pure functions of bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace airlane::sim {

inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeAaaa = 28;
inline constexpr int kNoError = 0;
inline constexpr int kServerFailure = 2;
inline constexpr int kNoSuchName = 3;

struct DnsQuery {
  std::uint16_t id = 0;
  bool recursion_desired = false;
  std::string name;  // Lower case, without the final dot.
  std::uint16_t type = 0;
  std::string question;  // As received: its spelling is part of the answer.
  bool edns = false;
  std::size_t udp_limit = 512;
};

struct DnsAnswer {
  int code = kNoError;
  std::vector<Address> addresses;  // Of the family that was asked for.
  std::uint32_t ttl = 60;
  std::uint32_t negative_ttl = 5;  // Without addresses, unless that is a failure.
};

// Nothing when it is not a query with one whole question.
std::optional<DnsQuery> parse_query(std::string_view message);

// Cut down to an empty, truncated answer (TC) when it is longer than `limit`.
std::string build_answer(const DnsQuery& query, const DnsAnswer& answer, std::size_t limit);

}  // namespace airlane::sim
