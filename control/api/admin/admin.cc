#include "control/api/admin/admin.h"

#include <algorithm>

#include "control/api/admin/admission.h"
#include "control/api/admin/answers.h"
#include "control/api/admin/body.h"
#include "control/api/admin/fields.h"

namespace airlane::api {
namespace {

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

void refuse_scope(const Call& call, Scope scope) {
  admin_error(call, 403, "denied",
              "This key may not do that: it needs the scope " + std::string(name_of(scope)) + ".");
}

// A body where none is read: what is in it was meant, and would not happen.
bool is_empty_or_answered(const AdminCall& call) {
  if (call.request().body.empty() || call.endpoint().method != "POST") return true;
  AdminBody body(call);
  return body.is_good_or_answered();
}

bool is_unconditional_or_answered(const AdminCall& call) {
  const std::string* const wanted = call.request().header("If-Match");
  if (!call.endpoint().untagged || !wanted || *wanted == "*") return true;
  admin_error(call, 412, "changed", "This has no ETag: send it without If-Match.");
  return false;
}

}  // namespace

void admin(Context& context, Call call) {
  const auto scopes = admitted(context, call);
  if (!scopes) return;
  const HttpRequest& request = call.request();
  std::string_view path = request.raw_path;
  auto found =
      path.starts_with(kAdminPrefix) ? endpoints_at(path.substr(kAdminPrefix.size() - 1)) : Found();
  if (found.endpoints.empty()) return admin_not_found(call, "There is nothing at this path.");
  if (request.method == "OPTIONS") return describe(call, found);
  const Endpoint* const endpoint = endpoint_for(found, request.method);
  if (!endpoint) return refuse_method(call, found);
  // `admin` is enough for all of it: whoever may remove a proxy may look at it.
  if (!scopes->has(Scope::kAdmin) && !scopes->has(endpoint->scope)) {
    return refuse_scope(call, endpoint->scope);
  }
  const AdminCall admin_call(std::move(call), *endpoint, std::move(found.values));
  std::vector<WrongField> wrong;
  check_query(admin_call, wrong);
  if (!wrong.empty()) return admin_invalid(admin_call, wrong);
  if (!endpoint->body && !is_empty_or_answered(admin_call)) return;
  if (!is_unconditional_or_answered(admin_call)) return;
  endpoint->handle(context, admin_call);
}

}  // namespace airlane::api
