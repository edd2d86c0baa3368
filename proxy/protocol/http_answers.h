// What the proxy says itself instead of passing something on: its errors, the requests that are
// meant for it, and the beginning of a tunnel. After all but the last its connection is closed.
//
// Nothing of a request is repeated to anybody, but for TRACE, whose purpose that is; it goes back
// without the fields that may hold a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "proxy/protocol/http_head.h"

namespace airlane {

// Status, Proxy-Status (RFC 9209) and a sentence for a person. With the whole Error, both also name
// the part of the request that was wrong; by its code alone they do not.
std::string error_response(const Error& error, bool head_request);
std::string error_response(Errc code, bool head_request);

// Whether a request that we understand must not go further: "OPTIONS *" as it stands, and OPTIONS
// and TRACE with "Max-Forwards: 0" (RFC 9110, sections 7.6.2, 9.3.7 and 9.3.8). GET of a path is
// none of these: it is meant for a server, and an error.
bool is_for_proxy(const RequestHead& request) noexcept;
// The answer to it.
std::string answer_for_proxy(const RequestHead& request);

// The answer to CONNECT; what follows it is the tunnel.
std::string_view connect_established() noexcept;

}  // namespace airlane
