#include "control/api/admin/admin.h"

namespace airlane::api {
namespace {

std::string_view word_of(Life::State::Upgrade upgrade) {
  switch (upgrade) {
    case Life::State::Upgrade::kNone:
      return "none";
    case Life::State::Upgrade::kRunning:
      return "running";
    case Life::State::Upgrade::kFailed:
      return "failed";
  }
  return "";
}

Json json_of(const Life::State& state) {
  Json json{{"pid", state.pid}, {"version", state.version}, {"upgrade", word_of(state.upgrade)}};
  json["reason"] = state.reason.empty() ? Json(nullptr) : Json(state.reason);
  json["draining"] = state.draining == 0 ? Json(nullptr) : Json(state.draining);
  return json;
}

}  // namespace

void admin_server(Context& context, const Call& call, std::string_view rest) {
  const std::string& method = call.request().method;
  if (rest.empty()) {
    if (method != "GET" && method != "HEAD") return admin_wrong_method(call, "GET, HEAD");
    return call.json(200, json_of(context.backend.life()));
  }
  if (rest != "/upgrade") return admin_not_found(call);
  if (method != "POST") return admin_wrong_method(call, "POST");
  const auto begun = context.backend.upgrade();
  if (!begun) return admin_failure(call, begun.error());
  call.json(202, json_of(context.backend.life()));
}

}  // namespace airlane::api
