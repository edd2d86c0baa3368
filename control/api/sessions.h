// Who is calling. How one becomes known is in log_in.cc.
#pragma once

#include "control/api/call.h"

namespace airlane::api {

inline constexpr std::string_view kSessionCookie = "sessionid";

// Fills in `user`, `user_name` and `has_session` when there is a valid session.
void recognise(const Context& context, Call& call);

// A session that was recognised wins, then the option `key`, then the headers Authorization: Bearer
// and X-API-Key. False when it is nobody, or somebody who may not; then it is answered.
bool identify(const Context& context, Call& call);

}  // namespace airlane::api
