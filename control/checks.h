// Whether what an operator asks for makes sense, and if not, a sentence that says why.
//
// Only what can be seen in the record itself; whether a port or a name is free is the farm's
// business. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "db/credentials.h"
#include "db/dongles.h"
#include "db/proxies.h"
#include "db/targets.h"
#include "proxy/world.h"

namespace airlane {

std::optional<WhitelistMode> whitelist_mode_of(std::string_view name);

// 1 to 64 of the letters, digits, "_", ".", "@" and "-": it is part of paths and of logs.
Outcome<Done> check_name(std::string_view what, std::string_view name);
inline constexpr std::size_t kPasswordMost = 1024;  // Bytes.
inline constexpr unsigned kTargetsKeptMost = targets::kKeptMost;
Outcome<Done> check_password(std::string_view password);  // Of a user.

// What is wrong with a record, by the names that its fields have in the admin API: one sentence at
// most for each.
struct Fault {
  std::string field;
  std::string sentence;
};
std::vector<Fault> faults(const ProxyRecord& proxy);
std::vector<Fault> faults(const CredentialRecord& credential);
std::vector<Fault> faults(const LimitsRecord& limits);  // Of both: "limits.upload".
std::vector<Fault> faults(const DongleRecord& dongle);  // Asks the driver, without I/O.

// The first of them.
Outcome<Done> check(const ProxyRecord& proxy);
Outcome<Done> check(const CredentialRecord& credential);
Outcome<Done> check(const DongleRecord& dongle);

// Of a proxy's two fields; empty is none. A calendar must come again after `now`.
Outcome<Done> check_interval(const std::string& text);
Outcome<Done> check_calendar(const std::string& text, WallSeconds now);

}  // namespace airlane
