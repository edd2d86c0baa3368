// HTTP/1.x heads (RFC 9110, RFC 9112), read once, strictly, from the text of a HeadReader.
//
// Whatever two parsers might read differently is refused: that is how requests are smuggled. The
// session closes after every Error and never looks for the next message in what follows.
//
//   kMalformed       400   the grammar, the framing, Host or the request target is wrong
//   kTooLong         414   the request line is longer than HeadReader takes
//   kTooLarge        431   another limit of HeadReader is broken
//   kUnsupported     501   a scheme but http (https goes by CONNECT), a coding besides chunked
//   kUnknownVersion  505   not HTTP/1.x
//
// These are errors of whoever sent the head: those of a response are the target's fault, and the
// session reports them as kBadResponse (502).
//
// Heads are views into the text they were read from, which is the reader's: they are good until its
// `reset`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "proxy/protocol/http_body.h"
#include "proxy/protocol/http_fields.h"
#include "proxy/protocol/http_head_reader.h"
#include "proxy/protocol/target.h"

namespace airlane {

struct RequestHead {
  enum class Form : std::uint8_t {
    kAuthority,  // CONNECT, and only that: host:port
    kAbsolute,   // http://host/path: a request for a proxy
    kOrigin,     // /path: a request for a server; `target` is empty
    kAsterisk,   // OPTIONS *: likewise
  };

  std::string_view method;
  Form form = Form::kOrigin;
  Target target;
  // For the upstream request line: "/path?query", "?query" (to be preceded by "/", as the rewriter
  // does), "/" where there was none, "*" for OPTIONS of a whole server. Empty for CONNECT.
  std::string_view path;
  int minor_version = 1;
  HeadFields fields;
  bool keep_alive = false;  // Client's side. Never with HTTP/1.0 (RFC 9112, appendix C.2.2).
  BodyFraming framing = BodyFraming::kNone;  // Never kUntilClose.
  std::uint64_t content_length = 0;
  bool expects_continue = false;
  bool upgrade = false;         // Asks for another protocol, in `Upgrade` fields.
  bool takes_trailers = false;  // Says "TE: trailers".
  // How many more proxies may pass it on; of OPTIONS and TRACE only (RFC 9110, section 7.6.2).
  std::optional<std::uint64_t> max_forwards;
  std::string_view proxy_authorization;  // Empty when absent.

  void clear();  // As it was made, but for the memory of its fields.
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
  HeadFields fields;
  // Of this response to that request: HEAD, 1xx, 204 and 304 have no body whatever they declare.
  BodyFraming framing = BodyFraming::kNone;
  std::uint64_t content_length = 0;
  bool keep_alive = false;  // Target's side. Never with kUntilClose.

  // Another response to the same request will follow. Not for the eyes of an HTTP/1.0 client.
  [[nodiscard]] bool is_interim() const noexcept { return status < 200 && status != 101; }
  void clear();  // As it was made, but for the memory of its fields.
};

// Whether a request with this method may be sent twice (RFC 9110, section 9.2.2).
bool is_idempotent(std::string_view method) noexcept;

// `text` is a complete head, as HeadReader::text() gives it. What `head` was before does not
// matter, but its memory is used again; after an Error it may hold a part of this one.
Status parse_request(std::string_view text, RequestHead& head);
Status parse_response(std::string_view text, std::string_view request_method, ResponseHead& head);

// The same, for a head of its own.
Result<RequestHead> parse_request(std::string_view text);
Result<ResponseHead> parse_response(std::string_view text, std::string_view request_method);

}  // namespace airlane
