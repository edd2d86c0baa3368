// The admin API of docs/admin-api.md: for whoever may connect to the Unix socket and is root, the
// server's own user, or of the group that administers it. Control thread only.
#pragma once

#include <string>
#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

// Answers the calls below /api/admin/.
inline constexpr std::string_view kAdminPrefix = "/api/admin/";
void admin(Context& context, Call call);

// For the files of the resources. `rest` is the path after the resource's name: empty, "/NAME" or
// "/ID/rotate", still encoded.
void admin_users(Context& context, const Call& call, std::string_view rest);
void admin_dongles(Context& context, const Call& call, std::string_view rest);
void admin_proxies(Context& context, const Call& call, std::string_view rest);
void admin_metrics(Context& context, const Call& call, std::string_view rest);
void admin_server(Context& context, const Call& call, std::string_view rest);

// The one shape of an error; `field` may be empty.
void admin_error(const Call& call, int status, std::string_view code, std::string_view message,
                 std::string_view field = {}, HttpFields extra = {});
void admin_failure(const Call& call, const Failure& failure);
void admin_not_found(const Call& call);
void admin_wrong_method(const Call& call, std::string_view allowed);

}  // namespace airlane::api
