// Who is calling, and how one becomes known. The handlers log_in and log_out are in endpoints.h.
#pragma once

#include "control/api/call.h"

namespace airlane::api {

// Fills in `user` and `has_session`: a valid session cookie wins, then the option `key`, then the
// headers Authorization: Bearer and X-API-Key. False when it is nobody; then it is answered.
bool identify(const Context& context, Call& call);

}  // namespace airlane::api
