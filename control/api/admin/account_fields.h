// What a proxy and a credential have in common in the admin API: shapes, and the fields of the
// source whitelist.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "control/api/admin/body.h"

namespace airlane::api {

extern const Shape kQuotaShape;
extern const Shape kLimitsShape;
inline constexpr std::string_view kQuotaPeriodNames[] = {"month", "day"};
inline constexpr std::string_view kQuotaActionNames[] = {"refuse", "throttle"};
inline constexpr std::string_view kWhitelistModeNames[] = {"bypass", "restrict", "only"};

Json whitelist_json(const std::vector<Cidr>& whitelist);

// Of the fields "limits" and "quota": each is an object or null.
void read_limits_field(AdminBody& body, LimitsRecord& limits);
void read_quota_field(AdminBody& body, std::optional<QuotaRecord>& quota);
void read_whitelist_field(AdminBody& body, std::vector<Cidr>& whitelist);

}  // namespace airlane::api
