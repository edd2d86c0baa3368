#include "proxy/protocol/http_head.h"

#include <algorithm>
#include <utility>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::size_t kMethodMost = 32;

// Visible US-ASCII. A fragment never belongs here (RFC 9112, section 3.2).
bool is_request_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

bool is_other_scheme(std::string_view text) {
  const auto end = text.find("://");
  return end != std::string_view::npos && end > 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return http::is_token_char(c); });
}

Status read_absolute(std::string_view text, RequestHead& head) {
  if (!http::equal_ignoring_case(text.substr(0, kHttp.size()), kHttp)) {
    return Error{is_other_scheme(text) ? Errc::kUnsupported : Errc::kMalformed, "read scheme"};
  }
  text.remove_prefix(kHttp.size());
  const auto end = std::min(text.find_first_of("/?"), text.size());
  auto target = parse_authority(text.substr(0, end), kHttpPort);
  if (!target) return target.error();
  head.form = RequestHead::Form::kAbsolute;
  head.target = *std::move(target);
  head.path = text.substr(end);
  if (head.path.empty()) head.path = head.method == "OPTIONS" ? "*" : "/";
  return Done{};
}

Status read_target(std::string_view text, RequestHead& head) {
  if (!is_request_target(text)) return Error{Errc::kMalformed, "read request target"};
  if (head.method == "CONNECT") {
    auto target = parse_authority(text, std::nullopt);
    if (!target) return target.error();
    head.form = RequestHead::Form::kAuthority;
    head.target = *std::move(target);
    return Done{};
  }
  if (text.front() == '/') {
    head.form = RequestHead::Form::kOrigin;
    head.path = text;
    return Done{};
  }
  if (text == "*" && head.method == "OPTIONS") {
    head.form = RequestHead::Form::kAsterisk;
    head.path = text;
    return Done{};
  }
  return read_absolute(text, head);
}

// method SP request-target SP HTTP-version, with exactly these two spaces.
Status read_request_line(std::string_view line, RequestHead& head) {
  const Error malformed{Errc::kMalformed, "read request line"};
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed;
  head.method = line.substr(0, first);
  if (head.method.size() > kMethodMost || !http::is_token(head.method)) return malformed;
  const auto version = http::parse_version(line.substr(last + 1));
  if (!version) return version.error();
  head.minor_version = *version;
  return read_target(line.substr(first + 1, last - first - 1), head);
}

// Whatever the request target says, Host must be there once and make sense (RFC 9112, section 3.2).
Status check_host(const RequestHead& head) {
  const auto host = find_single(head.fields, FieldId::kHost);
  if (!host) return host.error();
  const bool valid = *host != nullptr ? is_authority((*host)->value) : head.minor_version == 0;
  if (!valid) return Error{Errc::kMalformed, "read Host"};
  return Done{};
}

Status read_request_body(RequestHead& head) {
  const auto body = declared_body(head.fields, head.minor_version);
  if (!body) return body.error();
  head.framing = body->framing;
  head.content_length = body->length;
  // What follows CONNECT is the tunnel: a body before it would be read as one by somebody. TRACE
  // has none by definition (RFC 9110, section 9.3.8).
  const bool has_body = body->framing == BodyFraming::kChunked || body->length > 0;
  if (has_body && (head.form == RequestHead::Form::kAuthority || head.method == "TRACE")) {
    return Error{Errc::kMalformed, "read a request that has no body"};
  }
  if (!has_body) head.framing = BodyFraming::kNone;
  return Done{};
}

Status read_max_forwards(RequestHead& head) {
  if (head.method != "OPTIONS" && head.method != "TRACE") return Done{};
  const auto field = find_single(head.fields, FieldId::kMaxForwards);
  if (!field) return field.error();
  if (*field == nullptr) return Done{};
  if (!http::parse_length((*field)->value, head.max_forwards.emplace())) {
    return Error{Errc::kMalformed, "read Max-Forwards"};
  }
  return Done{};
}

Status read_request_fields(RequestHead& head) {
  const auto authorization = find_single(head.fields, FieldId::kProxyAuthorization);
  if (!authorization) return authorization.error();
  if (*authorization != nullptr) head.proxy_authorization = (*authorization)->value;
  const bool current = head.minor_version == 1;
  head.keep_alive = current && !has_connection_option(head.fields, "close");
  for (const auto& field : head.fields) {
    if (field.id == FieldId::kExpect && current) {
      head.expects_continue |= http::equal_ignoring_case(field.value, "100-continue");
    }
    if (field.id == FieldId::kTe && current) {
      head.takes_trailers |= has_element(field.value, "trailers");
    }
    if (field.id == FieldId::kUpgrade && current && !field.value.empty()) {
      head.upgrade |= has_connection_option(head.fields, "upgrade");
    }
  }
  return read_max_forwards(head);
}

}  // namespace

void RequestHead::clear() {
  auto memory = std::move(fields);
  memory.clear();
  *this = {};
  fields = std::move(memory);
}

bool is_idempotent(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE";
}

Status parse_request(std::string_view text, RequestHead& head) {
  head.clear();
  const auto lines = split_head(text);
  if (!lines) return lines.error();
  if (const auto read = read_request_line(lines->start, head); !read) return read;
  const auto fields = parse_fields(lines->fields, SpaceBeforeColon::kRefuse, head.fields);
  if (!fields) return fields;
  if (const auto checked = check_host(head); !checked) return checked;
  if (const auto read = read_request_body(head); !read) return read;
  return read_request_fields(head);
}

Result<RequestHead> parse_request(std::string_view text) {
  RequestHead head;
  if (const auto parsed = parse_request(text, head); !parsed) return parsed.error();
  return head;
}

}  // namespace airlane
