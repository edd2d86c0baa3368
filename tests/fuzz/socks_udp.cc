// The header of a SOCKS5 datagram: what is read lies within the datagram, and where a literal leads
// is what we would write of it.
#include "proxy/protocol/socks_udp.h"

#include <array>

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {

void check(std::string_view data) {
  const auto read = read_socks_datagram(data);
  if (!read) return;
  const auto end = data.data() + data.size();
  require(read->payload.data() + read->payload.size() == end, "the payload is not the rest");
  require(read->address.port() != 0, "port 0");
  if (!read->name.empty()) return;
  std::array<char, kSocksDatagramHeaderMost> header{};
  const auto size = write_socks_datagram_header(read->address, header);
  std::string again(header.data(), size);
  again.append(read->payload.data(), read->payload.size());
  const auto reread = read_socks_datagram(again);
  require(reread && reread->address == read->address, "another address when written");
  require(reread->payload.size() == read->payload.size(), "another payload when written");
}

}  // namespace airlane::fuzz
