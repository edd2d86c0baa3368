// Who may use the admin API.
//
//   the Unix socket  root, the server's own user, and the group that administers it: everything
//   TCP              users who are admins, by their session or by a key: what it may do
//
// What somebody else's page could make a browser do is refused as csrf.h says, and who brings wrong
// keys is not believed for a while, as at the log-in. Control thread only.
#pragma once

#include <optional>

#include "control/api/call.h"
#include "control/scopes.h"

namespace airlane::api {

// What the caller may do; absent when that is nothing, and then it is answered.
std::optional<Scopes> admitted(Context& context, Call& call);

}  // namespace airlane::api
