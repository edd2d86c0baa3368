// The quota of a proxy or a credential in the admin API:
//
//   {"bytes", "period", "time_zone", "action", "rate", "used", "resets"}, or null
//
// `rate` is null unless the action is "throttle"; `used` and `resets` are told, never taken.
#pragma once

#include <optional>
#include <string>

#include "control/api/json.h"
#include "control/quotas.h"

namespace airlane::api {

Json quota_json(const std::optional<QuotaRecord>& record, const std::optional<Quotas::Use>& use);

// Changes the fields that `value` has; null takes the quota away. Answers what the value must be,
// or nothing when it was understood. Whether it makes sense is the farm's business.
std::string read_quota(const Json& value, std::optional<QuotaRecord>& quota);

}  // namespace airlane::api
