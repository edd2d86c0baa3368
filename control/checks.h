// Whether what an operator asks for makes sense, and if not, a sentence that says why.
//
// Only what can be seen in the record itself; whether a port or a name is free is the farm's
// business. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "db/dongles.h"
#include "db/proxies.h"
#include "proxy/world.h"

namespace airlane {

std::optional<WhitelistMode> whitelist_mode_of(std::string_view name);

// 1 to 64 of the letters, digits, "_", ".", "@" and "-": it is part of paths and of logs.
Outcome<Done> check_name(std::string_view what, std::string_view name);
Outcome<Done> check(const ProxyRecord& proxy);
// Of a proxy's two fields; empty is none. A calendar must come again after `now`.
Outcome<Done> check_interval(const std::string& text);
Outcome<Done> check_calendar(const std::string& text, WallSeconds now);
Outcome<Done> check(const DongleRecord& dongle);  // Asks the driver about its options, without I/O.

}  // namespace airlane
