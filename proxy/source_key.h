// Who a limit per source is about: one client at one proxy, as a number.
//
// A client is an IPv4 address, or the /64 of an IPv6 address, since that much one customer is given
// and may change at will. The number is a hash with a secret of this process, so that nobody can
// choose addresses that share a number with somebody else's. Values; any thread.
#pragma once

#include <cstdint>

#include "base/address.h"

namespace airlane {

using SourceKey = std::uint64_t;

SourceKey source_key(std::int64_t proxy, const Address& source) noexcept;

}  // namespace airlane
