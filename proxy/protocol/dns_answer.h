// What a name server has answered (RFC 1035, section 4): the addresses, and how long that holds.
// A pure function of bytes; names in the answer are stepped over, never decoded, because the only
// question on the way was ours.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"

namespace airlane {

struct DnsAnswer {
  static constexpr std::size_t kAddressesMost = 32;  // A name with more has these for us.

  std::vector<Address> addresses;  // Of the family that was asked for, with port 0, in their order.
  // How many seconds this may be remembered: the least of the addresses and of the aliases that
  // lead to them; without addresses what the zone says about that (RFC 2308, section 5). 0: not.
  std::uint32_t ttl = 0;
};

// Nothing when the message is damaged. `family` is AF_INET or AF_INET6.
std::optional<DnsAnswer> read_dns_answer(std::span<const std::uint8_t> message, int family);

}  // namespace airlane
