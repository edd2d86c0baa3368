// What a head becomes on its way through: hop-by-hop fields go, everything else keeps its order,
// its case and its bytes.
//
// Nothing of the client is added: no X-Forwarded-For, no Forwarded, and, unless the operator asks
// for it, no Via (RFC 9110, section 7.6.3, wants one; a Via says that there is a proxy). Nor do we
// add a Date of ours to a response that has none. Removed are Connection and what it names,
// Keep-Alive, Proxy-*, TE and Upgrade, of which we say again what holds for the next connection.
// What frames and steers a message (Host, Content-Length, Transfer-Encoding, Expect, Max-Forwards)
// stays even where Connection names it: else a client could have us forward a body whose length we
// just removed.
//
// Each writes behind what `out` holds already.
#pragma once

#include <string>
#include <string_view>

#include "proxy/protocol/http_answers.h"
#include "proxy/protocol/http_head.h"

namespace airlane {

// Of an absolute-form request, the one for the target: origin-form, HTTP/1.1, Host from the target
// where the client's stood, Max-Forwards one less, and a Connection of our own where the client's
// stood, else at the end: "close" when the client will not go on, "TE" when it takes trailers.
struct TargetSide {
  bool pass_upgrade = false;  // Keeps Upgrade, and says so in Connection.
  std::string_view via = {};  // Our name in Via; empty: no Via.
  bool from_http2 = false;    // How the request came to us, for Via.
};
void write_upstream_request(const RequestHead& request, const TargetSide& target, std::string& out);

// The client's side of a response. Of the request only this much is needed, and the request's head
// need not live as long as its response.
struct ClientSide {
  int minor_version = 1;      // HTTP/1.0 is never shown a Transfer-Encoding.
  bool keep_alive = true;     // False adds "Connection: close".
  bool dechunk = false;       // The session decodes the body: no Transfer-Encoding for anyone.
  std::string_view via = {};  // Our name in Via; empty: no Via.
};
// Whether the body of this response has to be decoded for such a client. It then ends by closing.
bool must_dechunk(const ResponseHead& response, int client_minor_version) noexcept;

// A 101 keeps Upgrade. 1xx and 204 lose what they declare about a body that cannot follow.
void write_client_response(const ResponseHead& response, const ClientSide& client,
                           std::string& out);

// The same, as a text of its own.
std::string upstream_request(const RequestHead& request, bool pass_upgrade = false);
std::string client_response(const ResponseHead& response, const ClientSide& client);

}  // namespace airlane
