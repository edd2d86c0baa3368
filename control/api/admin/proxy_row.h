// A proxy in the admin API: the fields of the contract's `list`, then those that are its operator's
// business.
#pragma once

#include "control/api/admin/body.h"

namespace airlane::api {

extern const Shape kProxyShape;
Json admin_proxy_json(const Context& context, const ProxyRecord& proxy);

// Null when the id in the path is nobody's; then it is answered.
const ProxyRecord* named_proxy_row(const Context& context, const AdminCall& call);

// False when the call's filters want others.
bool is_wanted(const Context& context, const AdminCall& call, const ProxyRecord& proxy);

// What POST and PATCH have in common.
void read_proxy(const Context& context, AdminBody& body, ProxyRecord& proxy);
void read_schedule(AdminBody& body, ProxyRecord& proxy);

}  // namespace airlane::api
