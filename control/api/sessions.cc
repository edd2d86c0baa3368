#include "control/api/sessions.h"

#include "control/api/routes.h"

namespace airlane::api {

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

namespace {

// The one that get_key tells may do all that its user may.
Scopes scopes_of(const UserRecord& user, const ApiKeyRecord* named) {
  auto scopes = named ? Scopes::parse(named->scopes).value_or(Scopes()) : Scopes::all();
  if (!user.admin) scopes.remove(Scope::kAdmin);
  return scopes;
}

bool may_not(const Call& call) {
  if (call.route->needs_session && !call.has_session) {
    call.detail(403, "Log in for this: it is not for keys.");
    return true;
  }
  if (call.scopes.has(call.route->scope)) return false;
  call.detail(403, "This API key may not do this: it lacks the scope \"" +
                       std::string(name_of(call.route->scope)) + "\".");
  return true;
}

}  // namespace

Outcome<Caller> caller_of_key(const Context& context, std::string_view key) {
  const ApiKeyRecord* const named = context.backend.named_key(key);
  const UserRecord* const user =
      named ? context.backend.by_id(named->user) : context.backend.by_api_key(key);
  if (!user) return Failure{Failure::Kind::kInvalid, "Invalid API key."};
  if (named) {
    const auto now = context.settings.wall();
    if (named->expires && *named->expires <= now) {
      return Failure{Failure::Kind::kInvalid, "This API key has expired."};
    }
    context.backend.note_key_use(named->id, now);
  }
  return Caller{user, scopes_of(*user, named)};
}

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
  call.scopes = Scopes::all();
  if (!user) {
    const auto key = given_key(call.request());
    if (!key) {
      call.detail(403, "Authentication credentials were not provided.");
      return false;
    }
    const auto caller = caller_of_key(context, *key);
    if (!caller) {
      call.detail(403, caller.error().text);
      return false;
    }
    user = caller->user;
    call.scopes = caller->scopes;
  }
  call.user = user->id;
  if (user->api) return !may_not(call);
  call.json(403, {{"success", false}, {"error", "You are not allowed to use API."}});
  return false;
}

}  // namespace airlane::api
