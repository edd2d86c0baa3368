// Why a datagram was not passed on: said by a relay, counted by its worker (tally.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace airlane {

enum class UdpDrop : std::uint8_t {
  kStranger,    // Not from the client.
  kFragment,    // RFC 1928: FRAG.
  kMalformed,   // No header that makes sense.
  kProhibited,  // To or from somewhere inside.
  kRuledOut,    // The same where a destination rule denies it.
  kUnresolved,  // Its name has no address.
  kWaiting,     // Too many wait for names already.
  kNoIpv6,      // The dongle has none.
  kUnread,      // Came faster than it was read: the proxy's rate, or the machine's.
  kQueueFull,   // The kernel had no room for it on its way out.
  kUnsent,      // The kernel did not take it: no route, or too large.
};
inline constexpr std::size_t kUdpDrops = 11;

// In metrics and logs.
inline constexpr std::array<std::string_view, kUdpDrops> kUdpDropLabels{
    "stranger", "fragment", "malformed", "prohibited", "ruled_out", "unresolved",
    "waiting",  "no_ipv6",  "unread",    "queue_full", "unsent"};
static_assert(static_cast<std::size_t>(UdpDrop::kUnsent) + 1 == kUdpDrops);

}  // namespace airlane
