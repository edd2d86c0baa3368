// The admin API of docs/admin-api.md. Who may use it is said in admission.h, what it offers in
// table.h. Control thread only.
#pragma once

#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

// Answers the calls below /api/admin/.
inline constexpr std::string_view kAdminPrefix = "/api/admin/";
void admin(Context& context, Call call);

}  // namespace airlane::api
