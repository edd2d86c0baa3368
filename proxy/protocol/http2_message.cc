#include "proxy/protocol/http2_message.h"

#include <algorithm>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 9113, section 6.5.2: what a field counts besides.

Error malformed(const char* during) { return {Errc::kMalformed, during}; }

// Part of a request line: a space would end it.
bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

bool is_lower_token(std::string_view name) {
  return http::is_token(name) &&
         std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_field(std::string_view name, std::string_view value) {
  return is_lower_token(name) && http::is_field_value(value) && http::trim(value) == value;
}

std::string in_lower_case(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

void add_line(std::string& lines, std::string_view name, std::string_view value) {
  lines.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9113, section 8.2.2: what belongs to a connection of HTTP/1.1.
bool is_of_connection(FieldId id) {
  return id == FieldId::kConnection || id == FieldId::kKeepAlive ||
         id == FieldId::kProxyConnection || id == FieldId::kTransferEncoding ||
         id == FieldId::kUpgrade;
}

}  // namespace

Status Http2Request::set_once(std::string& place, std::string_view value) {
  if (!place.empty() || !is_visible(value)) return malformed("read pseudo-field");
  place = value;
  return Done{};
}

Status Http2Request::add_pseudo(std::string_view name, std::string_view value) {
  if (!lines_.empty()) return malformed("read pseudo-field");
  if (name == ":method") {
    return http::is_token(value) ? set_once(method_, value) : malformed("read :method");
  }
  if (name == ":scheme") {
    return http::is_token(value) ? set_once(scheme_, value) : malformed("read :scheme");
  }
  if (name == ":authority") return set_once(authority_, value);
  if (name == ":path") return set_once(path_, value);
  return malformed("read pseudo-field");
}

Status Http2Request::add(std::string_view name, std::string_view value) {
  size_ += name.size() + value.size() + kFieldOverhead;
  if (size_ > 2 * kHeadMost) return Error{Errc::kTooLarge, "collect fields"};
  if (name.starts_with(':')) return add_pseudo(name, value);
  if (!is_field(name, value)) return malformed("read field");
  const auto id = identify_field(name);
  if (is_of_connection(id)) return malformed("read field of a connection");
  if (id == FieldId::kTe) {
    expects_trailers_ = value == "trailers";
    return expects_trailers_ ? Status(Done{}) : malformed("read te");
  }
  if (id == FieldId::kHost) return set_once(host_, value);
  if (name == "cookie") {  // Section 8.2.3: may come in pieces.
    cookies_.append(cookies_.empty() ? "" : "; ").append(value);
    return Done{};
  }
  has_length_ |= id == FieldId::kContentLength;
  if (id == FieldId::kContentLength && is_connect()) return Done{};  // It would mean nothing.
  add_line(lines_, name, value);
  return Done{};
}

Result<std::string> Http2Request::head(bool ended) {
  const auto& authority = authority_.empty() ? host_ : authority_;
  if (method_.empty() || authority.empty()) return malformed("read request");
  if (!host_.empty() && host_ != authority) return malformed("compare host");
  std::string head = method_ + ' ';
  if (is_connect()) {  // Section 8.5.
    if (!scheme_.empty() || !path_.empty()) return malformed("read CONNECT");
    head += authority;
  } else {
    const bool asterisk = path_ == "*" && method_ == "OPTIONS";
    if (scheme_.empty() || (!path_.starts_with('/') && !asterisk)) return malformed("read :path");
    head.append(scheme_).append("://").append(authority);
    if (!asterisk) head += path_;
  }
  head += " HTTP/1.1\r\n";
  add_line(head, "host", authority);
  head += lines_;
  if (!cookies_.empty()) add_line(head, "cookie", cookies_);
  if (expects_trailers_ && !is_connect())
    head += "te: trailers\r\nconnection: te, close\r\n";
  else
    head += "connection: close\r\n";
  chunked_ = !ended && !has_length_ && !is_connect();
  if (chunked_) head += "transfer-encoding: chunked\r\n";
  return head += "\r\n";
}

Status Http2Trailers::add(std::string_view name, std::string_view value) {
  if (!is_field(name, value)) return malformed("read trailer");
  if (lines_.size() + name.size() + value.size() > kTrailerBytesMost) {
    return Error{Errc::kTooLarge, "collect trailers"};
  }
  if (identify_field(name) == FieldId::kOther) add_line(lines_, name, value);
  return Done{};
}

Http2Fields http2_response(const ResponseHead& response, bool of_tunnel) {
  Http2Fields fields;
  fields.reserve(response.fields.size() + 1);
  fields.emplace_back(":status", std::to_string(response.status));
  for (const auto& field : response.fields) {
    if (is_of_connection(field.id)) continue;
    if (of_tunnel && field.id == FieldId::kContentLength) continue;
    fields.emplace_back(in_lower_case(field.name), field.value);
  }
  return fields;
}

Result<Http2Fields> http2_trailers(std::string_view lines) {
  HeadFields trailers;
  const auto parsed = parse_fields(lines, SpaceBeforeColon::kDrop, trailers);
  if (!parsed) return parsed.error();
  Http2Fields fields;
  for (const auto& field : trailers) {
    if (field.id == FieldId::kOther) fields.emplace_back(in_lower_case(field.name), field.value);
  }
  return fields;
}

}  // namespace airlane
