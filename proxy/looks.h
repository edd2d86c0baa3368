// What the sockets of a proxy with a fingerprint are told before their first packet, so that the
// program at the dongle's egress knows whose packets it sees, and what it says for them is true.
// See docs/fingerprint.md.
//
// A part of the World: control/dresser.h decides it. Of a proxy without a fingerprint all is 0, and
// then no socket costs a system call more. A socket that cannot be told is an error for its client:
// nothing leaves with other looks than were asked for.
#pragma once

#include <compare>
#include <cstdint>

#include "base/result.h"

namespace airlane {

struct Looks {
  std::uint32_t mark = 0;    // SO_MARK; 0: no fingerprint.
  int window_clamp = 0;      // TCP_WINDOW_CLAMP of a socket that connects; 0: as the kernel likes.
  std::uint32_t change = 0;  // Which of the proxy's: a mark is used again after two of them.

  auto operator<=>(const Looks&) const = default;
};

// Of a socket that opens no TCP connection: it has the TTL and nothing else.
Status put_mark(int fd, const Looks& looks);

// Of one that will, before connect(2) and instead of any SO_RCVBUF, which would change its scale.
Status put_on(int fd, const Looks& looks);

}  // namespace airlane
