// Request heads: the same answer for every cut, and what we hand on is read by an equally strict
// target as we read it ourselves, to the same end.
#include "proxy/protocol/http_rewrite.h"
#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

// The head and what follows it, or why there is none.
std::string collect(const Pieces& pieces) {
  HeadReader reader(HeadReader::Kind::kRequest);
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

void check_passed_on(const RequestHead& request, bool pass_upgrade) {
  std::string out;
  write_upstream_request(request, {.pass_upgrade = pass_upgrade, .via = "v"}, out);
  if (request.fields.size() + 3 > kFieldsMost) return;  // Host, Via and Connection may be new.
  const auto seen = parse_request(out);
  require(seen.has_value(), "the target cannot read what we hand on");
  require(seen->method == request.method, "another method");
  require(seen->form == RequestHead::Form::kOrigin || seen->path == "*", "not in origin-form");
  require(seen->path == request.path || seen->path == "/" + std::string(request.path), "a path");
  require(seen->framing == request.framing, "another framing");
  require(seen->content_length == request.content_length, "another length");
  require(seen->proxy_authorization.empty(), "our password");
  const bool upgrade = pass_upgrade && request.upgrade;
  require(upgrade || seen->keep_alive == request.keep_alive, "another idea of the connection");
  require(upgrade == seen->upgrade, "another idea of an upgrade");
  const auto host = find_single(seen->fields, FieldId::kHost);
  require(host && *host != nullptr, "no Host");
  const auto target = parse_authority((*host)->value, 80);
  require(target && *target == request.target, "another Host");
}

}  // namespace

void check(std::string_view data) {
  const bool pass_upgrade = take_byte(data) % 2 == 1;
  same_for_every_cut(data, collect);
  HeadReader reader(HeadReader::Kind::kRequest);
  std::span<const char> input(data);
  const auto complete = reader.feed(input);
  if (!complete || !*complete) return;
  const auto request = parse_request(reader.text());
  if (!request) {
    require(error_response(request.error(), false).starts_with("HTTP/1.1 4") ||
                error_response(request.error(), false).starts_with("HTTP/1.1 5"),
            "no answer");
    return;
  }
  if (is_for_proxy(*request)) {
    const auto answer = answer_for_proxy(*request);
    const auto end = answer.find("\r\n\r\n");
    require(parse_response(answer.substr(0, end + 4), request->method).has_value(), "our answer");
  } else if (request->form == RequestHead::Form::kAbsolute) {
    check_passed_on(*request, pass_upgrade);
  }
}

}  // namespace airlane::fuzz
