// Answers of name servers: what is found lies within its bounds and is of the family that was asked
// for, and is decided by the bytes up to its end: what follows changes nothing.
#include "proxy/protocol/dns_answer.h"

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

std::optional<DnsAnswer> read(std::string_view data, int family) {
  return read_dns_answer({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()}, family);
}

void check_bounds(const DnsAnswer& found, int family) {
  require(found.addresses.size() <= DnsAnswer::kAddressesMost, "more addresses than we remember");
  require(found.ttl <= INT32_MAX, "a time that the record cannot hold");
  for (const auto& address : found.addresses) {
    require(address.port() == 0, "a port");
    require(family == AF_INET6 || address.is_v4(), "an address of the other family");
  }
}

bool is_same(const std::optional<DnsAnswer>& a, const std::optional<DnsAnswer>& b) {
  return a && b && a->ttl == b->ttl && a->addresses == b->addresses;
}

}  // namespace

void check(std::string_view data) {
  const auto choice = take_byte(data);
  const int family = choice & 1 ? AF_INET6 : AF_INET;
  const auto found = read(data, family);
  if (found) {
    check_bounds(*found, family);
    const std::string longer = std::string(data) + "\xff\1\2";
    require(is_same(read(longer, family), found), "what follows an answer changes it");
  }
  // A copy, so that a sanitizer sees every byte read behind its end.
  const std::string cut(data.substr(0, data.size() - data.size() * (choice >> 1) / 256));
  const auto of_cut = read(cut, family);
  require(!of_cut || is_same(of_cut, found), "cut off, it says something else");
}

}  // namespace airlane::fuzz
