#include "control/api/admin/admin.h"
#include "control/api/admin/body.h"
#include "control/api/proxy_json.h"
#include "control/api/quota_json.h"
#include "control/api/request_options.h"
#include "control/api/rotation_call.h"
#include "control/api/rotation_link.h"
#include "control/checks.h"
#include "control/fingerprint.h"

namespace airlane::api {
namespace {

Json admin_proxy_json(const Context& context, const ProxyRecord& proxy) {
  Json row = proxy_json(context, proxy);
  const UserRecord* const user = context.backend.by_id(proxy.user);
  const DongleRecord* const dongle = context.backend.dongle(proxy.dongle);
  row["src_whitelist_mode"] = proxy.whitelist_mode;
  row["user"] = user ? Json(user->name) : Json(nullptr);
  row["dongle"] = dongle ? Json(dongle->name) : Json(nullptr);
  row["fp"] = proxy.fp;
  row["quota"] = quota_json(proxy, context.backend.quota_use(proxy.id));
  row["next_rotation_at"] = iso_or_null(context.backend.next_rotation(proxy.id));
  return row;
}

void list_proxies(const Context& context, const Call& call) {
  Json rows = Json::array();
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
    rows.push_back(admin_proxy_json(context, *proxy));
  }
  const auto count = rows.size();
  call.json(200, {{"proxies", std::move(rows)}, {"count", count}});
}

void read_owner_and_dongle(const Context& context, AdminBody& body, ProxyRecord& proxy) {
  std::string name;
  body.text("user", name);
  if (!name.empty()) {
    const UserRecord* const user = context.backend.by_name(name);
    if (!user) body.is_missing("user", name);
    proxy.user = user ? user->id : 0;
  }
  name.clear();
  body.text("dongle", name);
  if (!name.empty()) {
    const DongleRecord* const dongle = context.backend.dongle_by_name(name);
    if (!dongle) body.is_missing("dongle", name);
    proxy.dongle = dongle ? dongle->id : 0;
  }
}

void read_fp(AdminBody& body, ProxyRecord& proxy) {
  std::string fp = proxy.fp;
  body.text("fp", fp);
  if (fp == proxy.fp) return;
  if (fp.empty()) return proxy.fp.clear();
  const auto signature = read_fingerprint(fp);
  if (!signature) return body.wrong("fp", "empty or a p0f v3 SYN signature");
  proxy.fp = *signature;
}

// As the farm checks them, but here it is known which field is to blame.
void read_schedule(AdminBody& body, ProxyRecord& proxy) {
  const auto interval = proxy.ext_ip_upd_interval;
  const auto calendar = proxy.ext_ip_upd_calendar;
  body.text_or_null("ext_ip_upd_interval", proxy.ext_ip_upd_interval);
  body.text("ext_ip_upd_calendar", proxy.ext_ip_upd_calendar);
  if (proxy.ext_ip_upd_interval && proxy.ext_ip_upd_interval != interval) {
    const auto good = check_interval(*proxy.ext_ip_upd_interval);
    if (!good) body.refuse("ext_ip_upd_interval", good.error().text);
  }
  if (proxy.ext_ip_upd_calendar != calendar) {
    const auto good = check_calendar(proxy.ext_ip_upd_calendar, wall_now());
    if (!good) body.refuse("ext_ip_upd_calendar", good.error().text);
  }
}

// What POST and PATCH have in common; whether the values fit together is the farm's business.
void read_fields(const Context& context, AdminBody& body, ProxyRecord& proxy) {
  read_owner_and_dongle(context, body, proxy);
  body.text("username", proxy.username);
  body.text("password", proxy.password);
  body.list(
      "src_whitelist", [&] { proxy.whitelist.clear(); },
      [&](const std::string& text) {
        const auto network = Cidr::parse(text);
        if (network) proxy.whitelist.push_back(*network);
        return network.has_value();
      });
  body.text("src_whitelist_mode", proxy.whitelist_mode);
  body.text("comment", proxy.comment);
  body.time_or_null("in_use_from", proxy.in_use_from);
  body.time_or_null("in_use_till", proxy.in_use_till);
  read_schedule(body, proxy);
  read_fp(body, proxy);
  body.value("quota", [&](const Json& value) { return read_quota(value, proxy.quota); });
}

void add_proxy(Context& context, const Call& call) {
  ProxyRecord proxy;
  AdminBody body(call);
  for (const std::string_view name : {"user", "dongle", "port", "username", "password"}) {
    body.require(name);
  }
  body.port("port", proxy.port);
  read_fields(context, body, proxy);
  if (proxy.user == 0) body.wrong("user", "the name of a user");
  if (proxy.dongle == 0) body.wrong("dongle", "the name of a dongle");
  if (!body.is_good_or_answered()) return;
  context.backend.add_proxy(std::move(proxy), [&context, call](const Outcome<ProxyRecord>& added) {
    if (!added) return admin_failure(call, added.error());
    call.json(201, admin_proxy_json(context, *added));
  });
}

void change_proxy(Context& context, const Call& call, ProxyRecord proxy) {
  AdminBody body(call);
  read_fields(context, body, proxy);
  if (!body.is_good_or_answered()) return;
  context.backend.change_proxy(std::move(proxy),
                               [&context, call](const Outcome<ProxyRecord>& changed) {
                                 if (!changed) return admin_failure(call, changed.error());
                                 call.json(200, admin_proxy_json(context, *changed));
                               });
}

void remove_proxy(Context& context, const Call& call, std::int64_t id) {
  context.backend.remove_proxy(id, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    call.json(200, {{"success", true}});
  });
}

void refuse(const Call& call, const Refusal& why) {
  admin_error(call, 429, "throttled", why.sentence, {},
              {{"Retry-After", std::to_string(why.seconds)}});
}

void rotate(Context& context, const Call& call, const ProxyRecord& proxy) {
  if (const auto why = refusal(context, proxy)) return refuse(call, *why);
  context.throttle.accept(proxy.id, context.settings.now());
  context.backend.rotate(proxy.id, [&context, call, id = proxy.id,
                                    dongle = proxy.dongle](const Outcome<Rotated>& rotated) {
    if (rotated) {
      Json body{{"success", true},
                {"new_ip", text_or_null(rotated->new_ip)},
                {"old_ip", text_or_null(rotated->old_ip)},
                {"id", id}};
      if (!rotated->new_ip) body["reason"] = rotated->reason;
      return call.json(200, body);
    }
    const bool is_busy = rotated.error().kind == Failure::Kind::kConflict;
    if (is_busy && context.backend.busy_since(dongle)) {
      return refuse(call, still_running(context, dongle));
    }
    admin_failure(call, rotated.error());
  });
}

void reboot_dongle(Context& context, const Call& call, const ProxyRecord& proxy) {
  context.backend.reboot(proxy.id, [call, id = proxy.id](const Outcome<Done>& ordered) {
    if (!ordered) return admin_failure(call, ordered.error());
    call.json(200, {{"success", true},
                    {"info", "Reboot initiated. It may take 20-60 seconds to complete."},
                    {"id", id}});
  });
}

void make_link(Context& context, const Call& call, std::int64_t id) {
  context.backend.make_rotation_link(id, [call, id](const Outcome<std::string>& token) {
    if (!token) return admin_failure(call, token.error());
    call.json(201, {{"url", link_path(*token)}, {"id", id}});
  });
}

void link(Context& context, const Call& call, std::int64_t id) {
  const std::string& method = call.request().method;
  if (method == "POST") return make_link(context, call, id);
  if (method != "DELETE") return admin_wrong_method(call, "POST, DELETE");
  context.backend.revoke_rotation_link(id, [call](const Outcome<Done>& revoked) {
    if (!revoked) return admin_failure(call, revoked.error());
    call.json(200, {{"success", true}});
  });
}

void act_on_proxy(Context& context, const Call& call, const ProxyRecord& proxy,
                  std::string_view action) {
  if (action == "link") return link(context, call, proxy.id);
  if (action != "rotate" && action != "reboot") return admin_not_found(call);
  if (call.request().method != "POST") return admin_wrong_method(call, "POST");
  if (action == "rotate") return rotate(context, call, proxy);
  reboot_dongle(context, call, proxy);
}

}  // namespace

void admin_proxies(Context& context, const Call& call, std::string_view rest) {
  const std::string& method = call.request().method;
  if (rest.empty()) {
    if (method == "GET" || method == "HEAD") return list_proxies(context, call);
    if (method == "POST") return add_proxy(context, call);
    return admin_wrong_method(call, "GET, HEAD, POST");
  }
  rest.remove_prefix(1);
  const auto name = parse_proxy_name(rest.substr(0, rest.find('/')));
  const ProxyRecord* const proxy = name && name->id ? context.backend.proxy(*name->id) : nullptr;
  if (!proxy) return admin_error(call, 404, "not_found", "There is no such proxy.");
  if (const auto slash = rest.find('/'); slash != rest.npos) {
    return act_on_proxy(context, call, *proxy, rest.substr(slash + 1));
  }
  if (method == "PATCH") return change_proxy(context, call, *proxy);
  if (method == "DELETE") return remove_proxy(context, call, proxy->id);
  admin_wrong_method(call, "PATCH, DELETE");
}

}  // namespace airlane::api
