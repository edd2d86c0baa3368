// Who is calling. How one becomes known is in log_in.cc.
#pragma once

#include "control/api/call.h"
#include "control/scopes.h"

namespace airlane::api {

inline constexpr std::string_view kSessionCookie = "sessionid";

// Fills in `user`, `user_name` and `has_session` when there is a valid session.
void recognise(const Context& context, Call& call);

struct Caller {
  const UserRecord* user = nullptr;
  Scopes scopes{};
};
// Whose key it is, and what it may do; a key that is valid has been used now. kInvalid, with a
// sentence, for one that never was or has expired.
Outcome<Caller> caller_of_key(const Context& context, std::string_view key);
// What the call says of the sort: the option `key`, else Authorization: Bearer, else X-API-Key.
std::optional<std::string> given_key(const HttpRequest& request);

// A session that was recognised wins, then the option `key`, then the headers Authorization: Bearer
// and X-API-Key, which must have the scope of the route. False when it is nobody, or somebody who
// may not; then it is answered.
bool identify(const Context& context, Call& call);

}  // namespace airlane::api
