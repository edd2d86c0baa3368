// HTTP/2 messages as HTTP/1.1 ones: no field becomes two, none vanishes unasked, and whoever reads
// the text finds the framing that the front goes by.
#include "proxy/protocol/http2_message.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

constexpr std::string_view kNames[] = {
    ":method", ":scheme",    ":authority",        ":path",   ":status", "host", "cookie",
    "te",      "connection", "transfer-encoding", "upgrade", "expect",  "x",    "content-length"};

// A byte for a name of the list or for the length of another, a byte for the length of the value.
using Field = std::pair<std::string_view, std::string_view>;
std::vector<Field> take_fields(std::string_view data) {
  const auto take = [&](std::size_t size) {
    const auto taken = data.substr(0, size);
    data.remove_prefix(taken.size());
    return taken;
  };
  std::vector<Field> fields;
  while (!data.empty()) {
    const std::size_t named = take_byte(data);
    const std::size_t length = take_byte(data);
    const auto name = named < std::size(kNames) ? kNames[named] : take(named - std::size(kNames));
    fields.emplace_back(name, take(length));
  }
  return fields;
}

// How many lines the fields of a request become, one of them our Connection.
std::size_t lines_of(const std::vector<Field>& fields, bool connect, bool chunked) {
  std::size_t lines = 2 + (chunked ? 1 : 0);  // With Host.
  bool cookie = false;
  bool te = false;
  for (const auto& [name, value] : fields) {
    cookie |= name == "cookie" && !value.empty();
    te |= name == "te";
    const bool other = !name.starts_with(':') && name != "host" && name != "cookie" && name != "te";
    if (other && !(connect && name == "content-length")) ++lines;
  }
  return lines + (cookie ? 1 : 0) + (te && !connect ? 1 : 0);
}

void check_request(const std::vector<Field>& fields, bool ended) {
  Http2Request request;
  for (const auto& [name, value] : fields) {
    if (!request.add(name, value)) return;
  }
  const auto text = request.head(ended);
  if (!text) return;
  HeadReader reader(HeadReader::Kind::kRequest);
  std::span<const char> input(*text);
  const auto complete = reader.feed(input);
  if (!complete) {
    require(complete.error().code != Errc::kMalformed, "a head with a broken line");
    return;
  }
  require(*complete && input.empty(), "another end than its own");
  const auto head = parse_request(reader.text());
  if (!head) return;  // A target or a length that makes no sense, in either version.
  require(head->method == request.method(), "another method");
  const bool authority = head->form == RequestHead::Form::kAuthority;
  require(authority == request.is_connect(), "another form");
  require(!head->keep_alive, "goes on behind the stream");
  require((head->framing == BodyFraming::kChunked) == request.chunked(), "another framing");
  require(!request.chunked() || !ended, "a body behind the end");
  const auto lines = lines_of(fields, request.is_connect(), request.chunked());
  require(head->fields.size() == lines, "another number of fields");
}

void check_trailers(const std::vector<Field>& fields) {
  Http2Trailers trailers;
  for (const auto& [name, value] : fields) {
    if (!trailers.add(name, value)) return;
  }
  const auto text = trailers.end_of_body();
  BodyReader body(BodyFraming::kChunked);
  std::string payload;
  std::string lines;
  const auto used = body.feed_decoded(text, payload, &lines);
  if (!used) {
    require(used.error().code == Errc::kTooLarge, "trailers that nobody may send");
    return;
  }
  require(*used == text.size() && body.complete() && payload.empty(), "another end");
  const auto again = http2_trailers(lines);
  require(again.has_value(), "not understood again");
  std::size_t kept = 0;
  for (const auto& [name, value] : fields) {
    if (identify_field(name) != FieldId::kOther) continue;
    require(kept < again->size() && (*again)[kept].first == name && (*again)[kept].second == value,
            "another trailer");
    ++kept;
  }
  require(kept == again->size(), "one trailer became two");
}

void check_response(std::string_view text, bool of_tunnel) {
  HeadReader reader(HeadReader::Kind::kResponse);
  std::span<const char> input(text);
  const auto complete = reader.feed(input);
  if (!complete || !*complete) return;
  const auto response = parse_response(reader.text(), of_tunnel ? "CONNECT" : "GET");
  if (!response) return;
  const auto fields = http2_response(*response, of_tunnel);
  require(fields.front() ==
              std::pair<std::string, std::string>(":status", std::to_string(response->status)),
          "another status");
  for (auto field = fields.begin() + 1; field != fields.end(); ++field) {
    require(field->first.find_first_of(": \r\n") == std::string::npos, "no name of a field");
    require(std::none_of(field->first.begin(), field->first.end(),
                         [](char c) { return c >= 'A' && c <= 'Z'; }),
            "upper case");
    require(field->second.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a value that ends a line");
    for (const std::string_view gone : {"connection", "keep-alive", "transfer-encoding"}) {
      require(field->first != gone, "a field of the connection");
    }
  }
}

}  // namespace

void check(std::string_view data) {
  const auto choice = take_byte(data);
  switch (choice % 4) {
    case 0:
    case 1:
      return check_request(take_fields(data), choice % 4 == 0);
    case 2:
      return check_trailers(take_fields(data));
    default:
      return check_response(data, (choice & 4) != 0);
  }
}

}  // namespace airlane::fuzz
