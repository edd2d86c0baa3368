#include "control/api/admin/admin.h"

namespace airlane::api {

void admin_metrics(Context& context, const Call& call, std::string_view rest) {
  const std::string& method = call.request().method;
  if (!rest.empty()) return admin_not_found(call);
  if (method != "GET" && method != "HEAD") return admin_wrong_method(call, "GET, HEAD");
  call.text(200, context.backend.metrics(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace airlane::api
