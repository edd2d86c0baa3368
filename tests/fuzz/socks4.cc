// A SOCKS4 request: the same target and the same rest for every cut, and nothing that SOCKS5 would
// not be asked to look up.
#include "proxy/protocol/socks4.h"

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

std::string understood(const Pieces& pieces) {
  Socks4 server;
  std::string left;
  bool complete = false;
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    const auto fed = server.feed(input);
    if (!fed) return "!" + describe(fed.error());
    complete = *fed;
    require(complete || input.empty(), "bytes are left of an unfinished request");
    left.append(input.data(), input.size());
  }
  if (!complete) return "...";
  const auto& target = server.target();
  const auto again = make_target(target.host, target.port);
  require(again && *again == target, "a host that is no host");
  return target.to_string() + "|" + left;
}

}  // namespace

void check(std::string_view data) { same_for_every_cut(data, understood); }

}  // namespace airlane::fuzz
