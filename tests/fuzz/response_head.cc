// Response heads: the same answer for every cut, and what the client gets to see means the same.
#include "proxy/protocol/http_rewrite.h"
#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

std::string collect(const Pieces& pieces) {
  HeadReader reader(HeadReader::Kind::kResponse);
  std::string left;
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    const auto complete = reader.feed(input);
    if (!complete) return describe(complete.error());
    require(*complete || input.empty(), "bytes are left of an unfinished head");
    left.append(input.data(), input.size());
  }
  return std::string(reader.text()) + "|" + left;
}

}  // namespace

void check(std::string_view data) {
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "CONNECT"};
  const auto choice = take_byte(data);
  const auto method = kMethods[choice % 4];
  ClientSide client{.minor_version = choice & 4 ? 0 : 1, .keep_alive = (choice & 8) != 0};
  same_for_every_cut(data, collect);
  HeadReader reader(HeadReader::Kind::kResponse);
  std::span<const char> input(data);
  const auto complete = reader.feed(input);
  if (!complete || !*complete) return;
  const auto response = parse_response(reader.text(), method);
  if (!response || response->fields.size() >= kFieldsMost) return;
  client.dechunk = must_dechunk(*response, client.minor_version);
  const auto seen_text = client_response(*response, client);
  const auto seen = parse_response(seen_text, method);
  require(seen.has_value(), "the client cannot read what we hand on");
  require(seen->status == response->status, "another status");
  require(seen->reason == response->reason, "another reason");
  if (client.dechunk) {
    require(seen->framing == BodyFraming::kUntilClose, "a framing that is no more");
  } else {
    require(seen->framing == response->framing, "another framing");
    require(seen->content_length == response->content_length, "another length");
  }
  if (response->status >= 200 && !client.keep_alive) require(!seen->keep_alive, "goes on");
}

}  // namespace airlane::fuzz
