// When proxies rotate by themselves: a part of the proxy, for whoever plans it.
#include "control/api/admin/proxy_row.h"
#include "control/api/admin/resources.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr Field kScheduleFields[] = {
    {.name = "proxy", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "The proxy's id."},
    {.name = "ext_ip_upd_interval",
     .nullable = true,
     .meaning = "How long after the last rotation the next one comes: `15`, `60-90` (minutes) or "
                "`1h-2h`; null for never."},
    {.name = "ext_ip_upd_calendar",
     .meaning = "When to rotate, as OnCalendar of systemd.time(7); empty for never."},
    {.name = "next_rotation_at",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "When it rotates by itself the next time."},
    {.name = "last_rotation_at",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "When the last rotation of its dongle ended, whoever wanted it."},
};
constexpr Shape kSchedule{"Schedule", kScheduleFields};

Json schedule_json(const Context& context, const ProxyRecord& proxy) {
  return {
      {"proxy", proxy.id},
      {"ext_ip_upd_interval", text_or_null(proxy.ext_ip_upd_interval)},
      {"ext_ip_upd_calendar", proxy.ext_ip_upd_calendar},
      {"next_rotation_at", iso_or_null(context.backend.next_rotation(proxy.id))},
      {"last_rotation_at", iso_or_null(context.backend.last_rotation(proxy.dongle))},
  };
}

bool is_planned(const ProxyRecord& proxy) {
  return proxy.ext_ip_upd_interval || !proxy.ext_ip_upd_calendar.empty();
}

void list_schedules(Context& context, const AdminCall& call) {
  Page page(call);
  const std::string* const planned = call.option("planned");
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
    if (planned && parse_bool(*planned) != is_planned(*proxy)) continue;
    if (page.takes(proxy->id)) page.add(schedule_json(context, *proxy));
  }
  page.answer();
}

void get_schedule(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (proxy) answer_one(call, schedule_json(context, *proxy));
}

void change_schedule(Context& context, const AdminCall& call) {
  const ProxyRecord* const named = named_proxy_row(context, call);
  if (!named) return;
  const auto edit = [&context, call, body = AdminBody(call)](ProxyRecord& proxy) mutable {
    if (!is_expected_or_answered(call, kSchedule, schedule_json(context, proxy))) return false;
    read_schedule(body, proxy);
    return body.is_good_or_answered();
  };
  context.backend.change_proxy(named->id, edit,
                               [&context, call](const Outcome<ProxyRecord>& changed) {
                                 if (!changed) return admin_failure(call, changed.error());
                                 answer_one(call, schedule_json(context, *changed));
                               });
}

constexpr Field kFilters[] = {
    {.name = "planned", .kind = Kind::kFlag, .meaning = "Only those that have one, or have none."},
};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/schedules",
     .handle = list_schedules,
     .name = "List the schedules",
     .summary = "One for each proxy.",
     .query = kFilters,
     .answer = &kSchedule,
     .rows = "schedules"},
    {.method = "GET",
     .path = "/schedules/{id}",
     .handle = get_schedule,
     .name = "Show a schedule",
     .summary = "That of one proxy.",
     .answer = &kSchedule},
    {.method = "PATCH",
     .path = "/schedules/{id}",
     .handle = change_schedule,
     .name = "Change a schedule",
     .summary = "What is given is changed, the rest stays.",
     .body = &kSchedule,
     .answer = &kSchedule},
};

}  // namespace

std::span<const Endpoint> schedule_endpoints() { return kEndpoints; }

}  // namespace airlane::api
