#include "control/api/admin/answers.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

constexpr std::string_view kType = "text/plain; version=0.0.4; charset=utf-8";

void get_metrics(Context& context, const AdminCall& call) {
  call.text(200, context.backend.metrics(), kType);
}

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/metrics",
     .handle = get_metrics,
     .name = "Show the metrics",
     .summary = "Text for Prometheus, of all proxies; docs/operating.md has the names and labels.",
     .scope = Scope::kRead,
     .type = kType},
};

}  // namespace

std::span<const Endpoint> metrics_endpoints() { return kEndpoints; }

}  // namespace airlane::api
