#include "control/api/admin/admin.h"

#include <unistd.h>

#include <algorithm>

#include "control/api/admin/answers.h"
#include "control/api/admin/fields.h"

namespace airlane::api {
namespace {

bool is_admitted(const PeerCredentials& who, const std::optional<gid_t>& group) {
  if (who.uid == 0 || who.uid == geteuid()) return true;
  if (!group) return false;
  return who.gid == *group ||
         std::find(who.groups.begin(), who.groups.end(), *group) != who.groups.end();
}

// HEAD is a GET whose body stays here.
const Endpoint* endpoint_for(const Found& found, std::string_view method) {
  if (method == "HEAD") method = "GET";
  const auto row = std::find_if(found.endpoints.begin(), found.endpoints.end(),
                                [&](const Endpoint* one) { return one->method == method; });
  return row == found.endpoints.end() ? nullptr : *row;
}

void describe(const Call& call, const Found& found) {
  call.json(200, {{"allow", allowed_methods(found)}}, {{"Allow", allowed_methods(found)}});
}

void refuse_method(const Call& call, const Found& found) {
  const std::string allowed = allowed_methods(found);
  admin_error(call, 405, "method", "This path allows " + allowed + " only.", {},
              {{"Allow", allowed}});
}

}  // namespace

void admin(Context& context, Call call) {
  const HttpRequest& request = call.request();
  if (!request.credentials) return call.detail(404, "Not found.");
  if (!is_admitted(*request.credentials, context.settings.admin_group)) {
    return admin_error(call, 403, "denied",
                       "Only root, the server's own user and the group airlane may do this.");
  }
  std::string_view path = request.raw_path;
  auto found =
      path.starts_with(kAdminPrefix) ? endpoints_at(path.substr(kAdminPrefix.size() - 1)) : Found();
  if (found.endpoints.empty()) return admin_not_found(call, "There is nothing at this path.");
  if (request.method == "OPTIONS") return describe(call, found);
  const Endpoint* const endpoint = endpoint_for(found, request.method);
  if (!endpoint) return refuse_method(call, found);
  const AdminCall admin_call(std::move(call), *endpoint, std::move(found.values));
  std::vector<WrongField> wrong;
  check_query(admin_call, wrong);
  if (!wrong.empty()) return admin_invalid(admin_call, wrong);
  endpoint->handle(context, admin_call);
}

}  // namespace airlane::api
