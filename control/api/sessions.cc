#include "control/api/sessions.h"

namespace airlane::api {
namespace {

std::optional<std::string> given_key(const HttpRequest& request) {
  const std::string* const option = request.parameter("key");
  if (option && !option->empty()) return *option;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string* const bearer = request.header("Authorization");
  if (bearer && equal_ignoring_case(bearer->substr(0, kBearer.size()), kBearer)) {
    return bearer->substr(kBearer.size());
  }
  const std::string* const header = request.header("X-API-Key");
  return header ? std::optional(*header) : std::nullopt;
}

}  // namespace

void recognise(const Context& context, Call& call) {
  const auto token = call.request().cookie(kSessionCookie);
  const UserRecord* const user = token ? context.backend.by_session(*token) : nullptr;
  if (!user) return;
  call.user = user->id;
  call.has_session = true;
  call.user_name = user->name;
}

bool identify(const Context& context, Call& call) {
  const UserRecord* user = call.has_session ? context.backend.by_id(call.user) : nullptr;
  if (!user) {
    const auto key = given_key(call.request());
    if (!key) {
      call.detail(403, "Authentication credentials were not provided.");
      return false;
    }
    user = context.backend.by_api_key(*key);
    if (!user) {
      call.detail(403, "Invalid API key.");
      return false;
    }
  }
  call.user = user->id;
  if (user->api) return true;
  call.json(403, {{"success", false}, {"error", "You are not allowed to use API."}});
  return false;
}

}  // namespace airlane::api
