#include "control/api/openapi/route_answers.h"

#include <algorithm>
#include <iterator>

#include "control/api/admin/address_shapes.h"
#include "control/api/admin/target_shapes.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr std::uint8_t kTold = Field::kTold;

constexpr Field kSuccess{.name = "success", .kind = Kind::kFlag, .use = kTold, .meaning = "True."};
constexpr Field kId{
    .name = "id", .kind = Kind::kWhole, .use = kTold, .meaning = "The proxy's number."};

constexpr Field kDoneFields[] = {kSuccess};
constexpr Shape kDone{"Done", kDoneFields};
constexpr Field kDoneToProxyFields[] = {kSuccess, kId};
constexpr Shape kDoneToProxy{"DoneToProxy", kDoneToProxyFields};

constexpr Field kKeyFields[] = {kSuccess, {.name = "key", .use = kTold}};
constexpr Shape kKey{"ApiKey", kKeyFields};

constexpr Field kChangedFields[] = {
    kSuccess,
    {.name = "async", .kind = Kind::kFlag, .use = kTold, .optional = true},
    {.name = "new_ip", .use = kTold, .optional = true, .nullable = true},
    {.name = "old_ip", .use = kTold, .optional = true, .nullable = true},
    {.name = "from_cache", .kind = Kind::kFlag, .use = kTold, .optional = true},
    kId,
    {.name = "job", .kind = Kind::kWhole, .use = kTold, .optional = true},
    {.name = "attempts", .kind = Kind::kWhole, .use = kTold, .optional = true},
    {.name = "reached", .kind = Kind::kFlag, .use = kTold, .optional = true},
    {.name = "reason", .use = kTold, .optional = true},
};
constexpr Shape kChanged{"ChangedIp", kChangedFields};

constexpr Field kExternalIpFields[] = {
    kSuccess,
    {.name = "ip", .use = kTold, .nullable = true},
    {.name = "from_cache", .kind = Kind::kFlag, .use = kTold},
    kId,
};
constexpr Shape kExternalIp{"ExternalIp", kExternalIpFields};

constexpr Field kAmountFields[] = {
    {.name = "unit", .use = kTold},
    {.name = "incoming", .kind = Kind::kNumber, .use = kTold},
    {.name = "outgoing", .kind = Kind::kNumber, .use = kTold},
    {.name = "total", .kind = Kind::kNumber, .use = kTold},
};
constexpr Shape kAmount{"Amount", kAmountFields};
constexpr Field kTrafficFields[] = {
    kSuccess,
    {.name = "from", .kind = Kind::kTime, .use = kTold},
    {.name = "till", .kind = Kind::kTime, .use = kTold},
    {.name = "speed_avg", .kind = Kind::kObject, .use = kTold, .shape = &kAmount},
    {.name = "data", .kind = Kind::kObject, .use = kTold, .shape = &kAmount},
    kId,
};
constexpr Shape kTraffic{"Traffic", kTrafficFields};

constexpr Field kOrderedFields[] = {kSuccess, {.name = "info", .use = kTold}, kId};
constexpr Shape kOrdered{"RebootOrdered", kOrderedFields};

constexpr Field kListedFields[] = {
    kId,
    {.name = "ip", .use = kTold},
    {.name = "port", .kind = Kind::kWhole, .use = kTold, .least = 1, .most = 65'535},
    {.name = "username", .use = kTold},
    {.name = "password", .use = kTold},
    {.name = "src_whitelist", .kind = Kind::kTexts, .use = kTold},
    {.name = "isp", .use = kTold},
    {.name = "comment", .use = kTold},
    {.name = "in_use_from", .kind = Kind::kTime, .use = kTold, .nullable = true},
    {.name = "in_use_till", .kind = Kind::kTime, .use = kTold, .nullable = true},
    {.name = "ext_ip_upd_interval", .use = kTold, .nullable = true},
    {.name = "ext_ip_upd_calendar", .use = kTold},
};
constexpr Shape kListed{"ListedProxy", kListedFields};
constexpr Field kListFields[] = {
    {.name = "proxies", .kind = Kind::kObjects, .use = kTold, .shape = &kListed},
    {.name = "count", .kind = Kind::kWhole, .use = kTold},
    kSuccess,
};
constexpr Shape kList{"ProxyList", kListFields};

constexpr Field kOfferFields[] = {
    {.name = "name", .use = kTold},
    {.name = "description", .use = kTold},
    {.name = "url", .use = kTold},
};
constexpr Shape kOffer{"Offer", kOfferFields};

constexpr Field kLinkFields[] = {kSuccess, {.name = "url", .use = kTold}, kId};
constexpr Shape kLink{"OwnRotationLink", kLinkFields};

// Named keys.
constexpr Field kNamedKeyFields[] = {
    {.name = "id", .kind = Kind::kWhole, .use = kTold, .meaning = "The key's number."},
    {.name = "name", .use = kTold},
    {.name = "scopes", .kind = Kind::kTexts, .use = kTold},
    {.name = "created_at", .kind = Kind::kTime, .use = kTold},
    {.name = "expires_at", .kind = Kind::kTime, .use = kTold, .nullable = true},
    {.name = "last_used_at", .kind = Kind::kTime, .use = kTold, .nullable = true},
};
constexpr Shape kNamedKey{"OwnKey", kNamedKeyFields};
constexpr Field kCount{.name = "count", .kind = Kind::kWhole, .use = kTold};
constexpr Field kKeysFields[] = {
    {.name = "keys", .kind = Kind::kObjects, .use = kTold, .shape = &kNamedKey},
    kCount,
    kSuccess,
};
constexpr Shape kKeys{"OwnKeys", kKeysFields};
constexpr Field kMadeKeyFields[] = {
    kSuccess,           {.name = "key", .use = kTold, .meaning = "Told this once."},
    kNamedKeyFields[0], kNamedKeyFields[1],
    kNamedKeyFields[2], kNamedKeyFields[3],
    kNamedKeyFields[4], kNamedKeyFields[5],
};
constexpr Shape kMadeKey{"OwnNewKey", kMadeKeyFields};
constexpr Field kRevokedFields[] = {kSuccess, kNamedKeyFields[0]};
constexpr Shape kRevoked{"OwnKeyRevoked", kRevokedFields};

// Jobs and addresses. `success` is where a job is told alone, `dongle` where an admin asks.
constexpr Field kJobFields[] = {
    {.name = "id", .kind = Kind::kWhole, .use = kTold, .meaning = "The job's number."},
    {.name = "action", .use = kTold},
    {.name = "proxy", .kind = Kind::kWhole, .use = kTold},
    {.name = "dongle", .use = kTold, .optional = true, .nullable = true},
    {.name = "state", .use = kTold},
    {.name = "cause", .use = kTold},
    {.name = "old_ip", .use = kTold, .nullable = true},
    {.name = "new_ip", .use = kTold, .nullable = true},
    {.name = "started", .kind = Kind::kTime, .use = kTold},
    {.name = "ended", .kind = Kind::kTime, .use = kTold, .nullable = true},
    {.name = "seconds", .kind = Kind::kNumber, .use = kTold, .nullable = true},
    {.name = "attempts", .kind = Kind::kWhole, .use = kTold},
    {.name = "until", .use = kTold, .nullable = true},
    {.name = "reached", .kind = Kind::kFlag, .use = kTold, .nullable = true},
    {.name = "error", .use = kTold, .nullable = true},
    {.name = "success", .kind = Kind::kFlag, .use = kTold, .optional = true},
};
constexpr Shape kJob{"OwnJob", kJobFields};
constexpr Field kNext{.name = "next", .kind = Kind::kWhole, .use = kTold, .nullable = true};
constexpr Field kJobsFields[] = {
    {.name = "jobs", .kind = Kind::kObjects, .use = kTold, .shape = &kJob},
    kCount,
    kNext,
    kId,
    kSuccess,
};
constexpr Shape kJobs{"OwnJobs", kJobsFields};
constexpr Field kHistoryFields[] = {
    {.name = "addresses", .kind = Kind::kObjects, .use = kTold, .shape = &kAddressPeriod},
    kCount,
    kNext,
    {.name = "unique", .kind = Kind::kObject, .use = kTold, .shape = &kUniqueAddresses},
    kId,
    kSuccess,
};
constexpr Shape kHistory{"OwnHistory", kHistoryFields};

constexpr RouteAnswer kAnswers[] = {
    {.path = "/api/proxy/", .shape = &kOffer, .is_list = true},
    {.path = "/api/proxy/get_key/", .shape = &kKey},
    {.path = "/api/proxy/change_ip/", .shape = &kChanged},
    {.path = "/api/proxy/ext_ip/", .shape = &kExternalIp},
    {.path = "/api/proxy/traffic/", .shape = &kTraffic},
    {.path = "/api/proxy/reboot/", .shape = &kOrdered},
    {.path = "/api/proxy/list/", .shape = &kList},
    {.path = "/api/proxy/link/", .method = "POST", .shape = &kLink},
    {.path = "/api/proxy/unlink/", .method = "POST", .shape = &kDoneToProxy},
    {.path = "/api/proxy/keys/", .shape = &kKeys},
    {.path = "/api/proxy/keys/", .method = "POST", .shape = &kMadeKey},
    {.path = "/api/proxy/keys/revoke/", .method = "POST", .shape = &kRevoked},
    {.path = "/api/proxy/jobs/", .shape = &kJobs},
    {.path = "/api/proxy/jobs/{id}/", .shape = &kJob},
    {.path = "/api/proxy/history/", .shape = &kHistory},
    {.path = "/api/proxy/top/", .shape = &kTopDestinations},
    {.path = "/api/login/", .method = "POST", .shape = &kDone},
    {.path = "/api/logout/", .method = "POST", .shape = &kDone},
    {.path = "/r/", .shape = &kChanged},
};

}  // namespace

const RouteAnswer* answer_of(const Route& route) {
  const auto* const found =
      std::find_if(std::begin(kAnswers), std::end(kAnswers), [&](const RouteAnswer& answer) {
        return answer.path == route.path && answer.method == route.method;
      });
  return found == std::end(kAnswers) ? nullptr : found;
}

}  // namespace airlane::api
