// The header that SOCKS5 puts before every datagram between a client and its UDP relay (RFC 1928,
// section 7), as functions of bytes.
//
//   RSV 2 | FRAG 1 | ATYP 1 | ADDR 4, 16 or 1+n | PORT 2 | payload
//
// Called for every datagram: nothing is copied, nothing allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

struct SocksDatagram {
  // Where to. When there is a `name` only the port is good; a name that is a literal has become an
  // address already. The name's grammar is not checked here: see make_target.
  Address address;
  std::string_view name;
  std::span<const char> payload;  // May be empty.
};

// Views into `bytes`. kUnsupported for a fragment, kUnsupportedType, kMalformed (also for port 0).
Result<SocksDatagram> read_socks_datagram(std::span<const char> bytes);

inline constexpr std::size_t kSocksDatagramHeaderMost = 22;  // Of those that we write.

// The header of a datagram that came from `source`; its size.
std::size_t write_socks_datagram_header(const Address& source,
                                        std::span<char, kSocksDatagramHeaderMost> out);

}  // namespace airlane
