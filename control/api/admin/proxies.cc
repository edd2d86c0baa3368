#include "control/api/admin/proxy_row.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

void list_proxies(Context& context, const AdminCall& call) {
  Page page(call);
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
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

void change_proxy(Context& context, const AdminCall& call) {
  const ProxyRecord* const named = named_proxy_row(context, call);
  if (!named) return;
  ProxyRecord proxy = *named;
  AdminBody body(call);
  read_proxy(context, body, proxy);
  if (!body.is_good_or_answered()) return;
  context.backend.change_proxy(std::move(proxy),
                               [&context, call](const Outcome<ProxyRecord>& changed) {
                                 if (!changed) return admin_failure(call, changed.error());
                                 answer_one(call, admin_proxy_json(context, *changed));
                               });
}

void remove_proxy(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  context.backend.remove_proxy(proxy->id, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    answer_success(call);
  });
}

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/proxies",
     .handle = list_proxies,
     .name = "List the proxies",
     .summary = "Of all users.",
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
     .summary = "What is given is changed, the rest stays.",
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
