#include <algorithm>
#include <utility>

#include "proxy/protocol/http_head.h"
#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::size_t kVersionSize = 8;  // "HTTP/1.1"
constexpr std::size_t kStatusEnd = 12;   // "HTTP/1.1 200"

// HTTP-version SP status-code SP [reason]; the last space is often forgotten when there is no
// reason.
Status read_status_line(std::string_view line, ResponseHead& head) {
  const Error malformed{Errc::kMalformed, "read status line"};
  const auto version = http::parse_version(line.substr(0, kVersionSize));
  if (!version) return version.error();
  if (line.size() < kStatusEnd || line[kVersionSize] != ' ') return malformed;
  std::uint64_t status = 0;
  if (!http::parse_length(line.substr(kVersionSize + 1, 3), status) || status < 100) {
    return malformed;
  }
  if (line.size() > kStatusEnd && line[kStatusEnd] != ' ') return malformed;
  head.minor_version = *version;
  head.status = static_cast<int>(status);
  head.reason = line.substr(std::min(kStatusEnd + 1, line.size()));
  if (!http::is_field_value(head.reason)) return malformed;
  return Done{};
}

bool has_no_body(int status, std::string_view request_method) {
  return status < 200 || status == 204 || status == 304 || request_method == "HEAD" ||
         (request_method == "CONNECT" && status < 300);
}

}  // namespace

void ResponseHead::clear() {
  auto memory = std::move(fields);
  memory.clear();
  *this = {};
  fields = std::move(memory);
}

Status parse_response(std::string_view text, std::string_view request_method, ResponseHead& head) {
  head.clear();
  const auto lines = split_head(text);
  if (!lines) return lines.error();
  if (const auto read = read_status_line(lines->start, head); !read) return read;
  const auto fields = parse_fields(lines->fields, SpaceBeforeColon::kDrop, head.fields);
  if (!fields) return fields;
  const auto body = declared_body(head.fields, head.minor_version);
  if (!body) return body.error();
  if (!has_no_body(head.status, request_method)) {
    head.framing = body->declared ? body->framing : BodyFraming::kUntilClose;
    head.content_length = body->length;
  }
  head.keep_alive = head.minor_version == 1 && head.framing != BodyFraming::kUntilClose &&
                    !has_connection_option(head.fields, "close");
  return Done{};
}

Result<ResponseHead> parse_response(std::string_view text, std::string_view request_method) {
  ResponseHead head;
  if (const auto parsed = parse_response(text, request_method, head); !parsed) {
    return parsed.error();
  }
  return head;
}

}  // namespace airlane
