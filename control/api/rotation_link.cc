// The link that rotates a proxy for whoever has it: making one, revoking it, and following it.
#include "control/api/rotation_link.h"

#include "control/api/endpoints.h"

namespace airlane::api {

std::string link_path(std::string_view token) { return "/r/" + std::string(token) + "/"; }

void make_link(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  context.backend.make_rotation_link(
      proxy->id, [call, id = proxy->id](const Outcome<std::string>& token) {
        if (!token) return call.detail(http_status(token.error().kind), token.error().text);
        call.json(200, {{"success", true}, {"url", link_path(*token)}, {"id", id}});
      });
}

void revoke_link(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  context.backend.revoke_rotation_link(proxy->id, [call, id = proxy->id](const auto& revoked) {
    if (!revoked) return call.detail(http_status(revoked.error().kind), revoked.error().text);
    call.json(200, {{"success", true}, {"id", id}});
  });
}

// Nobody is told whether a token was never one, or is none any more.
void follow_link(Context& context, const Call& call) {
  std::string_view token = call.request().path;
  token.remove_prefix(kLinkPrefix.size());
  if (token.ends_with('/')) token.remove_suffix(1);
  const auto id = context.backend.proxy_of_link(token);
  const ProxyRecord* const proxy = id ? context.backend.proxy(*id) : nullptr;
  const UserRecord* const owner = proxy ? context.backend.by_id(proxy->user) : nullptr;
  if (!owner) return call.detail(404, "Not found.");
  if (!owner->api) {
    return call.json(403, {{"success", false}, {"error", "You are not allowed to use API."}});
  }
  change_ip_of(context, call, *proxy, Fingerprints::kIgnored, JobCause::kLink);
}

}  // namespace airlane::api
