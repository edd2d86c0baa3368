// The endpoints of each resource; which of them there are is said in table.cc.
#pragma once

#include <span>

#include "control/api/admin/table.h"

namespace airlane::api {

std::span<const Endpoint> user_endpoints();          // users.cc
std::span<const Endpoint> key_endpoints();           // keys.cc
std::span<const Endpoint> dongle_endpoints();        // dongles.cc
std::span<const Endpoint> proxy_endpoints();         // proxies.cc
std::span<const Endpoint> proxy_action_endpoints();  // proxy_actions.cc
std::span<const Endpoint> top_endpoints();           // top.cc
std::span<const Endpoint> limit_endpoints();         // limits.cc
std::span<const Endpoint> credential_endpoints();    // credentials.cc
std::span<const Endpoint> schedule_endpoints();      // schedules.cc
std::span<const Endpoint> job_endpoints();           // jobs.cc
std::span<const Endpoint> transfer_endpoints();      // transfers.cc
std::span<const Endpoint> server_endpoints();        // server.cc
std::span<const Endpoint> metrics_endpoints();       // metrics.cc

}  // namespace airlane::api
