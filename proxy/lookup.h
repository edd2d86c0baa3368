// One name asked through one dongle, blocking: for the dongles' own threads, which fetch
// external-IP pages through the same way out as the customers' packets. Never on a loop's thread.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "proxy/world.h"

namespace airlane {

// The first IPv4 address of `host`, with port 0. kUnavailable with a sentence otherwise, at the
// latest after `limit` or as soon as `stop` asks for it.
Outcome<Address> resolve_through(const Egress& egress, const std::string& host,
                                 std::chrono::milliseconds limit, const std::stop_token& stop);

}  // namespace airlane
