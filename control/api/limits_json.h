// The limits of a proxy or a credential in the admin API:
//
//   {"connections", "connections_per_source", "new_per_second", "upload", "download",
//    "destinations"}
//
// A number is null where the configuration's holds (of a credential: where there is no limit), and
// 0 for none; "destinations" is a list of rules (control/limits.h).
#pragma once

#include "control/api/json.h"
#include "control/limits.h"

namespace airlane::api {

Json limits_json(const LimitsRecord& limits);

// Changes the fields that `value` has, whose types are right; null takes all of them away. Whether
// they make sense is said afterwards by faults(); of a list of rules the first that does not.
Outcome<Done> read_limits(const Json& value, LimitsRecord& limits);

}  // namespace airlane::api
