#include "control/api/admin/proxy_row.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

void list_proxies(Context& context, const AdminCall& call) {
  Page page(call);
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
    if (!is_wanted(context, call, *proxy)) continue;
    if (page.takes(proxy->id)) page.add(admin_proxy_json(context, *proxy));
  }
  page.answer();
}

void get_proxy(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (proxy) answer_one(call, admin_proxy_json(context, *proxy));
}

void add_proxy(Context& context, const AdminCall& call) {
  ProxyRecord proxy;
  AdminBody body(call);
  body.port("port", proxy.port);
  read_proxy(context, body, proxy);
  if (!body.is_good_or_answered()) return;
  context.backend.add_proxy(std::move(proxy), [&context, call](const Outcome<ProxyRecord>& added) {
    if (!added) return admin_failure(call, added.error());
    answer_one(call, admin_proxy_json(context, *added));
  });
}

// What the owner before knew, or left there: the link that rotates it, and where he has been.
void clear_for_new_owner(Context& context, std::int64_t proxy,
                         std::function<void(const Outcome<Done>&)> then) {
  context.backend.revoke_rotation_link(
      proxy, [&context, proxy, then = std::move(then)](const Outcome<Done>& revoked) {
        if (!revoked) return then(revoked);
        context.backend.forget_targets(proxy, then);
      });
}

void change_proxy(Context& context, const AdminCall& call) {
  const ProxyRecord* const named = named_proxy_row(context, call);
  if (!named) return;
  const auto owner = named->user;
  const auto edit = [&context, call, body = AdminBody(call)](ProxyRecord& proxy) mutable {
    if (!is_expected_or_answered(call, kProxyShape, admin_proxy_json(context, proxy))) return false;
    read_proxy(context, body, proxy);
    return body.is_good_or_answered();
  };
  context.backend.change_proxy(
      named->id, edit, [&context, call, owner](const Outcome<ProxyRecord>& changed) {
        if (!changed) return admin_failure(call, changed.error());
        const auto answer = [call,
                             row = admin_proxy_json(context, *changed)](const Outcome<Done>& done) {
          if (!done) return admin_failure(call, done.error());
          answer_one(call, row);
        };
        if (changed->user == owner) return answer(Done{});
        clear_for_new_owner(context, changed->id, answer);
      });
}

void remove_proxy(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  const auto may = [&context, call](const ProxyRecord& now) {
    return is_expected_or_answered(call, kProxyShape, admin_proxy_json(context, now));
  };
  context.backend.remove_proxy(proxy->id, may, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    answer_success(call);
  });
}

constexpr Field kFilters[] = {
    {.name = "user", .meaning = "Whose they are."},
    {.name = "dongle", .meaning = "What they leave by."},
    {.name = "port",
     .kind = Field::Kind::kWhole,
     .meaning = "The public port.",
     .least = 1,
     .most = 65'535},
    {.name = "username", .meaning = "What clients log in with, exactly."},
    {.name = "isp", .meaning = "The carrier, exactly."},
    {.name = "comment", .meaning = "The comment, exactly."},
};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/proxies",
     .handle = list_proxies,
     .name = "List the proxies",
     .summary = "Of all users.",
     .query = kFilters,
     .answer = &kProxyShape,
     .rows = "proxies"},
    {.method = "POST",
     .path = "/proxies",
     .handle = add_proxy,
     .name = "Add a proxy",
     .summary = "It works when this is answered. 409 when its port is another one's.",
     .body = &kProxyShape,
     .status = 201,
     .answer = &kProxyShape},
    {.method = "GET",
     .path = "/proxies/{id}",
     .handle = get_proxy,
     .name = "Show a proxy",
     .summary = "One of them.",
     .answer = &kProxyShape},
    {.method = "PATCH",
     .path = "/proxies/{id}",
     .handle = change_proxy,
     .name = "Change a proxy",
     .summary =
         "What is given is changed, the rest stays. With another `user` its rotation link is "
         "revoked, and where its bytes went is forgotten.",
     .body = &kProxyShape,
     .answer = &kProxyShape},
    {.method = "DELETE",
     .path = "/proxies/{id}",
     .handle = remove_proxy,
     .name = "Remove a proxy",
     .summary = "Its connections end."},
};

}  // namespace

std::span<const Endpoint> proxy_endpoints() { return kEndpoints; }

}  // namespace airlane::api
