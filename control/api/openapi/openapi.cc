#include "control/api/openapi/openapi.h"

#include <algorithm>

#include "control/api/openapi/operations.h"

namespace airlane::api {
namespace {

constexpr std::string_view kAbout =
    "Airlane's two APIs. Under `/api/proxy/` is what customers ask about their own proxies, under "
    "`/api/admin/` what whoever runs the server asks about all of them. Lists of the latter come "
    "in "
    "pages; what is changed can be guarded by an ETag.";

std::string lower(std::string_view method) {
  std::string text(method);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c | 0x20); });
  return text;
}

void add_route(Json& paths, const std::string& path, const Route& route, Schemas& schemas) {
  paths[path][lower(route.method)] = operation_of(route, route.method, schemas);
  if (route.also_posted) paths[path]["post"] = operation_of(route, "POST", schemas);
}

Json all_paths(Schemas& schemas) {
  Json paths = Json::object();
  for (const Route& route : routes()) add_route(paths, std::string(route.path), route, schemas);
  add_route(paths, "/r/{token}/", link_route(), schemas);
  for (const Endpoint* const endpoint : endpoints()) {
    const std::string path = "/api/admin" + std::string(endpoint->path);
    paths[path][lower(endpoint->method)] = operation_of(*endpoint, schemas);
  }
  return paths;
}

// True when something else than reading was wanted; then it is answered.
bool is_refused(const Call& call) {
  const std::string& method = call.request().method;
  if (method == "GET" || method == "HEAD") return false;
  const HttpFields allow{{"Allow", "GET, HEAD, OPTIONS"}};
  if (method == "OPTIONS") {
    call.json(200, {{"name", "Airlane API"}}, allow);
  } else {
    call.detail(405, "Method \"" + method + "\" not allowed.", allow);
  }
  return true;
}

}  // namespace

Json openapi_document(std::string_view version) {
  Schemas schemas;
  Json paths = all_paths(schemas);
  Json components{{"securitySchemes", security_schemes()}, {"responses", common_responses()}};
  components["schemas"] = schemas.take();
  components["schemas"].update(error_schemas());
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "Airlane"}, {"version", version}, {"description", kAbout}}},
          {"servers", Json::array({{{"url", "/"}}})},
          {"paths", std::move(paths)},
          {"components", std::move(components)}};
}

// Made once: the tables do not change while the program runs. Their form is that of every section.
// NOLINTBEGIN(performance-unnecessary-value-param)
void openapi(Context& context, Call call) {
  if (is_refused(call)) return;
  static const std::string kText = compact(openapi_document(context.backend.life().version));
  call.json_text(200, kText);
}

void reference(Context& context, Call call) {
  if (call.request().path != kReferencePath) return call.detail(404, "Not found.");
  if (is_refused(call)) return;
  static const std::string kPage = reference_page(openapi_document(context.backend.life().version));
  call.text(200, kPage, "text/html; charset=utf-8");
}
// NOLINTEND(performance-unnecessary-value-param)

}  // namespace airlane::api
