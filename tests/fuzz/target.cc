// Authorities and hosts: what is understood can be written down and is then understood again, and
// nothing that only inet_aton(3) would take for an address gets through as a name.
#include "proxy/protocol/target.h"

#include <arpa/inet.h>

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

void check_name(const Target& target) {
  require(!target.host.empty() && target.host.size() <= 253, "an impossible name");
  require(std::all_of(target.host.begin(), target.host.end(),
                      [](char c) { return c > ' ' && c < '\x7f' && c != ':' && c != '/'; }),
          "a name with odd characters");
  in_addr address{};
  require(inet_aton(target.host.c_str(), &address) == 0, "a name that is an address to others");
}

void check_authority(std::string_view text) {
  const auto strict = parse_authority(text, std::nullopt);
  const auto lenient = parse_authority(text, 80);
  require(!strict || (lenient && *lenient == *strict), "a default port changes a given one");
  require(is_authority(text) == lenient.has_value(), "two opinions of an authority");
  if (!lenient) return;
  if (!lenient->literal) check_name(*lenient);
  const auto again = parse_authority(lenient->to_string(), std::nullopt);
  require(again && *again == *lenient, "not understood again");
  const auto header = parse_authority(lenient->to_host_header(), 80);
  require(header && *header == *lenient, "not understood again without its port");
}

}  // namespace

void check(std::string_view data) {
  check_authority(data);
  const auto made = make_target(data, 443);
  if (!made) return;
  if (!made->literal) check_name(*made);
  const auto again = parse_authority(made->to_string(), std::nullopt);
  require(again && *again == *made, "a host is not understood as an authority");
}

}  // namespace airlane::fuzz
