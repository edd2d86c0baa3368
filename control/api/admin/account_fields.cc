#include "control/api/admin/account_fields.h"

#include "control/api/limits_json.h"
#include "control/api/quota_json.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr Field kQuotaFields[] = {
    {.name = "bytes",
     .kind = Kind::kWhole,
     .meaning = "What may move in a period, in both directions together."},
    {.name = "period", .meaning = "How often it begins anew.", .choices = kQuotaPeriodNames},
    {.name = "time_zone",
     .meaning = "Of the period: `UTC`, a name such as `Europe/Rome`, or how far ahead of UTC the "
                "clock is: `+01:00`."},
    {.name = "action",
     .meaning = "What happens when it is used up: new and open connections are refused, or slowed "
                "down to `rate`.",
     .choices = kQuotaActionNames},
    {.name = "rate",
     .kind = Kind::kWhole,
     .nullable = true,
     .meaning = "Bytes per second in each direction, of the action `throttle`."},
    {.name = "used",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "What has moved since the period began."},
    {.name = "resets",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "When the next period begins."},
};

constexpr Field kLimitsFields[] = {
    {.name = "connections",
     .kind = Kind::kWhole,
     .nullable = true,
     .fallback = "null",
     .meaning = "At the same time. This and the next four: null is what the configuration says for "
                "all proxies (of a credential: no limit), 0 is no limit.",
     .most = 10'000'000},
    {.name = "connections_per_source",
     .kind = Kind::kWhole,
     .nullable = true,
     .fallback = "null",
     .meaning = "The same of one client: an IPv4 address, or the /64 of an IPv6 one.",
     .most = 50'000},
    {.name = "new_per_second",
     .kind = Kind::kWhole,
     .nullable = true,
     .fallback = "null",
     .meaning = "Connections begun, on average over a second.",
     .most = 1'000'000},
    {.name = "upload",
     .kind = Kind::kWhole,
     .nullable = true,
     .fallback = "null",
     .meaning = "Bytes per second towards the targets.",
     .most = 100LL << 30},
    {.name = "download",
     .kind = Kind::kWhole,
     .nullable = true,
     .fallback = "null",
     .meaning = "Bytes per second from them.",
     .most = 100LL << 30},
    {.name = "destinations",
     .kind = Kind::kTexts,
     .fallback = "[]",
     .meaning = "At most 256 rules, the first that fits decides: `allow` or `deny`, then `*`, an "
                "address, a network or a name (with what is below it), then a port, a range of "
                "ports or nothing."},
};

}  // namespace

constexpr Shape kQuotaShape{"Quota", kQuotaFields};
constexpr Shape kLimitsShape{"Limits", kLimitsFields};

Json whitelist_json(const std::vector<Cidr>& whitelist) {
  Json texts = Json::array();
  for (const Cidr& network : whitelist) texts.push_back(network.to_string());
  return texts;
}

void read_limits_field(AdminBody& body, LimitsRecord& limits) {
  const Json* const given = body.value("limits");
  if (given) body.expect("limits.destinations", read_limits(*given, limits));
}

void read_quota_field(AdminBody& body, std::optional<QuotaRecord>& quota) {
  const Json* const given = body.value("quota");
  if (!given) return;
  if (const auto must = read_quota(*given, quota); !must.empty()) body.wrong("quota", must);
}

void read_whitelist_field(AdminBody& body, std::vector<Cidr>& whitelist) {
  body.list(
      "src_whitelist", "an address or a network", [&] { whitelist.clear(); },
      [&](const std::string& text) {
        const auto network = Cidr::parse(text);
        if (network) whitelist.push_back(*network);
        return network.has_value();
      });
}

}  // namespace airlane::api
