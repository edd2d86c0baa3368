// The header of the PROXY protocol: the same client and the same rest for every cut, and never more
// of the connection than a header may be.
#include "proxy/protocol/proxy_header.h"

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

constexpr std::size_t kMost = 16 + ProxyHeader::kBlockMost;

std::string understood(const Pieces& pieces) {
  ProxyHeader header;
  std::string left;
  std::size_t taken = 0;
  bool complete = false;
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    const auto fed = header.feed(input);
    if (!fed) return "!" + describe(fed.error());
    complete = *fed;
    taken += piece.size() - input.size();
    require(complete || input.empty(), "bytes are left of an unfinished header");
    left.append(input.data(), input.size());
  }
  require(taken <= kMost, "a header of any size");
  if (!complete) return "...";
  return (header.source() ? header.source()->to_string() : "unknown") + "|" + left;
}

}  // namespace

void check(std::string_view data) { same_for_every_cut(data, understood); }

}  // namespace airlane::fuzz
