// The admin API of docs/admin-api.md: for whoever may connect to the Unix socket and is root, the
// server's own user, or of the group that administers it. Control thread only.
#pragma once

#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

// Answers the calls below /api/admin/.
inline constexpr std::string_view kAdminPrefix = "/api/admin/";
void admin(Context& context, Call call);

}  // namespace airlane::api
