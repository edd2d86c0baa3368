#include "control/api/admin/proxy_row.h"

#include "control/api/admin/account_fields.h"
#include "control/api/limits_json.h"
#include "control/api/proxy_json.h"
#include "control/api/quota_json.h"
#include "control/checks.h"
#include "control/fingerprint.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr Field kProxyFields[] = {
    {.name = "id",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "Given out by the server."},
    {.name = "ip", .use = Field::kTold, .meaning = "The public host."},
    {.name = "port",
     .kind = Kind::kWhole,
     .use = Field::kOnce,
     .required = true,
     .meaning = "The public port.",
     .least = 1,
     .most = 65'535},
    {.name = "username", .required = true, .meaning = "What clients log in with."},
    {.name = "password", .required = true, .meaning = "And the password for it."},
    {.name = "src_whitelist",
     .kind = Kind::kTexts,
     .fallback = "[]",
     .meaning = "At most 1024 networks; `src_whitelist_mode` says what they are for."},
    {.name = "isp", .use = Field::kTold, .meaning = "The carrier of the dongle's SIM card."},
    {.name = "comment", .fallback = "\"\"", .meaning = "One line of at most 1000 bytes."},
    {.name = "in_use_from",
     .kind = Kind::kTime,
     .nullable = true,
     .fallback = "null",
     .meaning = "The beginning of the rental."},
    {.name = "in_use_till",
     .kind = Kind::kTime,
     .nullable = true,
     .fallback = "null",
     .meaning = "Its end."},
    {.name = "ext_ip_upd_interval",
     .nullable = true,
     .fallback = "null",
     .meaning = "How long after the last rotation the next one comes: `15`, `60-90` (minutes) or "
                "`1h-2h`."},
    {.name = "ext_ip_upd_calendar",
     .fallback = "\"\"",
     .meaning = "When to rotate, as OnCalendar of systemd.time(7); empty for never."},
    {.name = "src_whitelist_mode",
     .fallback = "\"bypass\"",
     .meaning = "`bypass`: who is listed needs no password. `restrict`: who is not listed is "
                "refused. `only`: both.",
     .choices = kWhitelistModeNames},
    {.name = "user", .required = true, .meaning = "Whose it is."},
    {.name = "dongle", .required = true, .meaning = "What it leaves by."},
    {.name = "fp",
     .fallback = "\"\"",
     .meaning =
         "How its connections look: a p0f v3 SYN signature, or empty for the native one. The "
         "name of a preset is taken, too, and told as its signature."},
    {.name = "fp_trouble",
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Why nobody may leave by it for the sake of its fingerprint, in a sentence."},
    {.name = "top_destinations",
     .kind = Kind::kWhole,
     .nullable = true,
     .fallback = "null",
     .meaning = "How many of its destinations each day tells apart, 0 for none; null: as the "
                "configuration says.",
     .least = 0,
     .most = kTargetsKeptMost},
    {.name = "quota",
     .kind = Kind::kObject,
     .nullable = true,
     .fallback = "null",
     .meaning = "How much it may move. Of an object the fields that are absent stay as they are.",
     .shape = &kQuotaShape},
    {.name = "limits",
     .kind = Kind::kObject,
     .nullable = true,
     .fallback = "null",
     .meaning = "What it may use, where that is its own; the answer has an object always. Of an "
                "object the fields that are absent stay as they are, null takes all of them away.",
     .shape = &kLimitsShape},
    {.name = "next_rotation_at",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "When it rotates by itself the next time."},
};

void read_owner_and_dongle(const Context& context, AdminBody& body, ProxyRecord& proxy) {
  if (const Json* const name = body.value("user")) {
    const UserRecord* const user = context.backend.by_name(name->get<std::string>());
    if (!user) body.is_missing("user", name->get<std::string>());
    proxy.user = user ? user->id : 0;
  }
  if (const Json* const name = body.value("dongle")) {
    const DongleRecord* const dongle = context.backend.dongle_by_name(name->get<std::string>());
    if (!dongle) body.is_missing("dongle", name->get<std::string>());
    proxy.dongle = dongle ? dongle->id : 0;
  }
}

void read_fp(AdminBody& body, ProxyRecord& proxy) {
  std::string fp = proxy.fp;
  body.text("fp", fp);
  if (fp == proxy.fp) return;
  if (fp.empty()) return proxy.fp.clear();
  const auto signature = judge_fingerprint(fp);
  if (!signature) return body.refuse("fp", signature.error().text);
  proxy.fp = *signature;
}

void read_targets_kept(AdminBody& body, ProxyRecord& proxy) {
  const Json* const kept = body.value("top_destinations");
  if (!kept) return;
  proxy.targets_kept = kept->is_null() ? std::nullopt : std::optional(kept->get<unsigned>());
}

}  // namespace

constexpr Shape kProxyShape{"Proxy", kProxyFields};

bool is_wanted(const Context& context, const AdminCall& call, const ProxyRecord& proxy) {
  if (!call.lets("port", std::to_string(proxy.port)) || !call.lets("username", proxy.username) ||
      !call.lets("comment", proxy.comment)) {
    return false;
  }
  const UserRecord* const user = context.backend.by_id(proxy.user);
  const DongleRecord* const dongle = context.backend.dongle(proxy.dongle);
  return call.lets("user", user ? user->name : "") &&
         call.lets("dongle", dongle ? dongle->name : "") &&
         call.lets("isp", dongle ? dongle->isp : "");
}

Json admin_proxy_json(const Context& context, const ProxyRecord& proxy) {
  Json row = proxy_json(context, proxy);
  const UserRecord* const user = context.backend.by_id(proxy.user);
  const DongleRecord* const dongle = context.backend.dongle(proxy.dongle);
  row["src_whitelist_mode"] = proxy.whitelist_mode;
  row["user"] = user ? user->name : "";
  row["dongle"] = dongle ? dongle->name : "";
  row["fp"] = proxy.fp;
  const auto trouble = context.backend.fingerprint_trouble(proxy);
  row["fp_trouble"] = trouble.empty() ? Json() : Json(trouble);
  row["top_destinations"] = proxy.targets_kept ? Json(*proxy.targets_kept) : Json();
  row["quota"] = quota_json(proxy.quota, context.backend.quota_use(proxy.id));
  row["limits"] = limits_json(proxy.limits);
  row["next_rotation_at"] = iso_or_null(context.backend.next_rotation(proxy.id));
  return row;
}

const ProxyRecord* named_proxy_row(const Context& context, const AdminCall& call) {
  const auto id = call.id();
  const ProxyRecord* const proxy = id ? context.backend.proxy(*id) : nullptr;
  if (!proxy) admin_not_found(call, "There is no proxy " + call.value() + ".");
  return proxy;
}

// As the farm checks them, but here it is known which field is to blame.
void read_schedule(AdminBody& body, ProxyRecord& proxy) {
  const auto interval = proxy.ext_ip_upd_interval;
  const auto calendar = proxy.ext_ip_upd_calendar;
  body.text_or_null("ext_ip_upd_interval", proxy.ext_ip_upd_interval);
  body.text("ext_ip_upd_calendar", proxy.ext_ip_upd_calendar);
  if (proxy.ext_ip_upd_interval && proxy.ext_ip_upd_interval != interval) {
    body.expect("ext_ip_upd_interval", check_interval(*proxy.ext_ip_upd_interval));
  }
  if (proxy.ext_ip_upd_calendar != calendar) {
    body.expect("ext_ip_upd_calendar", check_calendar(proxy.ext_ip_upd_calendar, wall_now()));
  }
}

void read_proxy(const Context& context, AdminBody& body, ProxyRecord& proxy) {
  read_owner_and_dongle(context, body, proxy);
  body.text("username", proxy.username);
  body.text("password", proxy.password);
  read_whitelist_field(body, proxy.whitelist);
  body.text("src_whitelist_mode", proxy.whitelist_mode);
  body.text("comment", proxy.comment);
  body.time_or_null("in_use_from", proxy.in_use_from);
  body.time_or_null("in_use_till", proxy.in_use_till);
  read_schedule(body, proxy);
  read_fp(body, proxy);
  read_targets_kept(body, proxy);
  read_quota_field(body, proxy.quota);
  read_limits_field(body, proxy.limits);
  body.refuse(faults(proxy));
}

}  // namespace airlane::api
