#include "proxy/protocol/http_head.h"

#include <algorithm>
#include <optional>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::string_view kHttp = "http://";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::size_t kMethodMost = 32;

struct Lines {
  std::string_view start;
  std::string_view fields;
};

// Of a head that HeadReader has collected.
std::optional<Lines> split_head(std::string_view text) {
  const auto end = text.find(kCrLf);
  if (end == std::string_view::npos || !text.ends_with("\r\n\r\n")) return std::nullopt;
  const auto fields_at = end + kCrLf.size();
  return Lines{text.substr(0, end), text.substr(fields_at, text.size() - fields_at - kCrLf.size())};
}

std::optional<int> parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return std::nullopt;
}

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
  const auto version = parse_version(line.substr(last + 1));
  if (!version) return malformed;
  head.minor_version = *version;
  if (const auto read = read_target(line.substr(first + 1, last - first - 1), head); !read) {
    return read;
  }
  if (head.method == "TRACE") return Error{Errc::kUnsupported, "read method"};
  return Done{};
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
  // What follows CONNECT is the tunnel: a body before it would be read as one by somebody.
  const bool has_body = body->framing == BodyFraming::kChunked || body->length > 0;
  if (head.form == RequestHead::Form::kAuthority && has_body) {
    return Error{Errc::kMalformed, "read CONNECT"};
  }
  if (!has_body) head.framing = BodyFraming::kNone;
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
    if (field.id == FieldId::kUpgrade && current && !field.value.empty()) {
      head.upgrade |= has_connection_option(head.fields, "upgrade");
    }
  }
  return Done{};
}

// HTTP-version SP status-code SP [reason]; the last space is often forgotten when there is no
// reason.
Status read_status_line(std::string_view line, ResponseHead& head) {
  const Error malformed{Errc::kMalformed, "read status line"};
  const auto version = parse_version(line.substr(0, 8));
  if (!version || line.size() < 12 || line[8] != ' ') return malformed;
  std::uint64_t status = 0;
  if (!http::parse_length(line.substr(9, 3), status) || status < 100) return malformed;
  if (line.size() > 12 && line[12] != ' ') return malformed;
  head.minor_version = *version;
  head.status = static_cast<int>(status);
  head.reason = line.substr(std::min<std::size_t>(13, line.size()));
  if (!http::is_field_value(head.reason)) return malformed;
  return Done{};
}

bool has_no_body(int status, std::string_view request_method) {
  return status < 200 || status == 204 || status == 304 || request_method == "HEAD" ||
         (request_method == "CONNECT" && status < 300);
}

}  // namespace

Result<RequestHead> parse_request(std::string_view text) {
  const auto lines = split_head(text);
  if (!lines) return Error{Errc::kMalformed, "read head"};
  RequestHead head;
  if (const auto read = read_request_line(lines->start, head); !read) return read.error();
  auto fields = parse_fields(lines->fields, SpaceBeforeColon::kRefuse);
  if (!fields) return fields.error();
  head.fields = *std::move(fields);
  if (const auto checked = check_host(head); !checked) return checked.error();
  if (const auto read = read_request_body(head); !read) return read.error();
  if (const auto read = read_request_fields(head); !read) return read.error();
  return head;
}

Result<ResponseHead> parse_response(std::string_view text, std::string_view request_method) {
  const auto lines = split_head(text);
  if (!lines) return Error{Errc::kMalformed, "read head"};
  ResponseHead head;
  if (const auto read = read_status_line(lines->start, head); !read) return read.error();
  auto fields = parse_fields(lines->fields, SpaceBeforeColon::kDrop);
  if (!fields) return fields.error();
  head.fields = *std::move(fields);
  const auto body = declared_body(head.fields, head.minor_version);
  if (!body) return body.error();
  if (!has_no_body(head.status, request_method)) {
    head.framing = body->declared ? body->framing : BodyFraming::kUntilClose;
    head.content_length = body->length;
  }
  head.keep_alive = head.minor_version == 1 && head.framing != BodyFraming::kUntilClose &&
                    !has_connection_option(head.fields, "close");
  return head;
}

}  // namespace airlane
