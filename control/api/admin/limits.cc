#include "control/api/admin/account_fields.h"
#include "control/api/admin/proxy_row.h"
#include "control/api/admin/resources.h"
#include "control/api/limits_json.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

Json row_of(const ProxyRecord& proxy) {
  return {{"proxy", proxy.id}, {"limits", limits_json(proxy.limits)}};
}

void list_limits(Context& context, const AdminCall& call) {
  Page page(call);
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
    if (page.takes(proxy->id)) page.add(row_of(*proxy));
  }
  page.answer();
}

void get_limits(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (proxy) answer_one(call, row_of(*proxy));
}

constexpr Field kFields[] = {
    {.name = "proxy", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Whose they are."},
    {.name = "limits",
     .kind = Kind::kObject,
     .nullable = true,
     .meaning = "Of an object the fields that are absent stay as they are; null takes all of them "
                "away.",
     .shape = &kLimitsShape},
};
constexpr Shape kProxyLimitsShape{"ProxyLimits", kFields};

// `edit` says what becomes of them, when the turn of the change has come.
void change(Context& context, const AdminCall& call, const Edit<ProxyRecord>& edit) {
  const ProxyRecord* const named = named_proxy_row(context, call);
  if (!named) return;
  const auto expected = [call, edit](ProxyRecord& now) {
    return is_expected_or_answered(call, kProxyLimitsShape, row_of(now)) && edit(now);
  };
  context.backend.change_proxy(named->id, expected, [call](const Outcome<ProxyRecord>& changed) {
    if (!changed) return admin_failure(call, changed.error());
    answer_one(call, row_of(*changed));
  });
}

void change_limits(Context& context, const AdminCall& call) {
  change(context, call, [body = AdminBody(call)](ProxyRecord& now) mutable {
    read_limits_field(body, now.limits);
    body.refuse(faults(now.limits));
    return body.is_good_or_answered();
  });
}

void reset_limits(Context& context, const AdminCall& call) {
  change(context, call, [](ProxyRecord& now) {
    now.limits = {};
    return true;
  });
}

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/limits",
     .handle = list_limits,
     .name = "List the limits of the proxies",
     .summary = "What each proxy may use, where that is its own.",
     .answer = &kProxyLimitsShape,
     .rows = "limits"},
    {.method = "GET",
     .path = "/limits/{id}",
     .handle = get_limits,
     .name = "Show the limits of a proxy",
     .summary = "By the number of the proxy.",
     .answer = &kProxyLimitsShape},
    {.method = "PATCH",
     .path = "/limits/{id}",
     .handle = change_limits,
     .name = "Limit a proxy",
     .summary = "What is given is changed, the rest stays. Open connections keep to it at once.",
     .body = &kProxyLimitsShape,
     .answer = &kProxyLimitsShape},
    {.method = "DELETE",
     .path = "/limits/{id}",
     .handle = reset_limits,
     .name = "Take a proxy's limits away",
     .summary = "Those of the configuration hold again.",
     .answer = &kProxyLimitsShape},
};

}  // namespace

std::span<const Endpoint> limit_endpoints() { return kEndpoints; }

}  // namespace airlane::api
