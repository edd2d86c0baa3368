#include "control/api/admin/admin.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace airlane::api {
namespace {

bool is_admitted(const PeerCredentials& who, const std::optional<gid_t>& group) {
  if (who.uid == 0 || who.uid == geteuid()) return true;
  if (!group) return false;
  return who.gid == *group ||
         std::find(who.groups.begin(), who.groups.end(), *group) != who.groups.end();
}

std::string_view code_of(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kInvalid:
      return "invalid";
    case Failure::Kind::kNotFound:
      return "not_found";
    case Failure::Kind::kConflict:
      return "conflict";
    case Failure::Kind::kUnavailable:
      return "unavailable";
    case Failure::Kind::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace

void admin_error(const Call& call, int status, std::string_view code, std::string_view message,
                 std::string_view field, HttpFields extra) {
  Json error{{"code", code}, {"message", message}};
  if (!field.empty()) error["field"] = field;
  call.json(status, {{"error", std::move(error)}}, std::move(extra));
}

void admin_failure(const Call& call, const Failure& failure) {
  admin_error(call, http_status(failure.kind), code_of(failure.kind), failure.text);
}

void admin_not_found(const Call& call) {
  admin_error(call, 404, "not_found", "There is nothing at this path.");
}

void admin_wrong_method(const Call& call, std::string_view allowed) {
  admin_error(call, 405, "method", "This path allows " + std::string(allowed) + " only.", {},
              {{"Allow", std::string(allowed)}});
}

void admin(Context& context, Call call) {
  if (!call.request().credentials) return call.detail(404, "Not found.");
  if (!is_admitted(*call.request().credentials, context.settings.admin_group)) {
    return admin_error(call, 403, "denied",
                       "Only root, the server's own user and the group airlane may do this.");
  }
  std::string_view rest = call.request().raw_path;
  if (!rest.starts_with(kAdminPrefix)) return admin_not_found(call);
  rest.remove_prefix(kAdminPrefix.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  static constexpr std::pair<std::string_view, void (*)(Context&, const Call&, std::string_view)>
      kResources[] = {{"users", admin_users},
                      {"dongles", admin_dongles},
                      {"proxies", admin_proxies},
                      {"metrics", admin_metrics},
                      {"server", admin_server}};
  const auto name = rest.substr(0, rest.find('/'));
  for (const auto& [resource, handle] : kResources) {
    if (name == resource) return handle(context, call, rest.substr(name.size()));
  }
  admin_not_found(call);
}

}  // namespace airlane::api
