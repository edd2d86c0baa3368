// What a head becomes on its way through: hop-by-hop fields go, everything else keeps its order,
// its case and its bytes.
//
// Nothing of the client is added: no Via (RFC 9110 asks for one; a Via says that there is a proxy,
// so it is left out on purpose), no X-Forwarded-For, no Forwarded. Removed are Connection and what
// it names, Keep-Alive, Proxy-*, TE and Upgrade. What frames and steers a message (Host,
// Content-Length, Transfer-Encoding, Expect) stays even where Connection names it: else a client
// could have us forward a body whose length we just removed.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "proxy/protocol/http_head.h"

namespace airlane {

// Of an absolute-form request, the one for the target: origin-form, HTTP/1.1, Host from the target
// where the client's stood, "Connection: close" when the client will not go on. `pass_upgrade`
// keeps Upgrade and says so in Connection.
std::string upstream_request(const RequestHead& request, bool pass_upgrade = false);

// The client's side of a response. Of the request only this much is needed, and the request's head
// need not live as long as its response.
struct ClientSide {
  int minor_version = 1;   // HTTP/1.0 is never shown a Transfer-Encoding.
  bool keep_alive = true;  // False adds "Connection: close".
  bool dechunk = false;    // The session decodes the body: no Transfer-Encoding for anyone.
};
// Whether the body of this response has to be decoded for such a client. It then ends by closing.
bool must_dechunk(const ResponseHead& response, int client_minor_version) noexcept;

// A 101 keeps Upgrade. 1xx and 204 lose what they declare about a body that cannot follow.
std::string client_response(const ResponseHead& response, const ClientSide& client);

// A whole response of our own, after which the session closes. Contains nothing of the request.
std::string error_response(Errc code, bool head_request);

// The answer to CONNECT; what follows it is the tunnel.
std::string_view connect_established() noexcept;

}  // namespace airlane
