#include "control/api/sessions.h"

#include "base/log.h"
#include "control/api/endpoints.h"

namespace airlane::api {
namespace {

constexpr std::string_view kCookie = "sessionid";
// Not Secure: there is no TLS here yet, and a browser would never send it back.
constexpr std::string_view kCookieAttributes = "; HttpOnly; SameSite=Strict; Path=/";

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

// A page of another site may send a form here, but not without saying where it comes from.
bool is_from_elsewhere(const HttpRequest& request) {
  const std::string* const origin = request.header("Origin");
  if (!origin) return false;
  const std::string* const host = request.header("Host");
  const auto scheme = origin->find("://");
  return !host || scheme == origin->npos ||
         !equal_ignoring_case(std::string_view(*origin).substr(scheme + 3), *host);
}

struct Credentials {
  std::string username;
  std::string password;
};

std::optional<Credentials> from_json(const Call& call) {
  const auto body = parse_json(call.request().body);
  if (!body) {
    call.detail(400, "JSON parse error - the body is not JSON.");
    return std::nullopt;
  }
  Credentials given;
  for (const auto& [name, field] :
       {std::pair{"username", &Credentials::username}, {"password", &Credentials::password}}) {
    if (!body->is_object() || !body->contains(name) || !(*body)[name].is_string()) continue;
    given.*field = (*body)[name].get<std::string>();
  }
  return given;
}

Credentials from_form(const HttpRequest& request) {
  Credentials given;
  for (const auto& [name, value] : parse_form(request.body)) {
    if (name == "username") given.username = value;
    if (name == "password") given.password = value;
  }
  return given;
}

// Absent when they cannot be read; then it is answered.
std::optional<Credentials> read_credentials(const Call& call) {
  const std::string* const header = call.request().header("Content-Type");
  const std::string type = header ? header->substr(0, header->find(';')) : std::string();
  if (equal_ignoring_case(type, "application/json")) return from_json(call);
  if (type.empty() || equal_ignoring_case(type, "application/x-www-form-urlencoded")) {
    return from_form(call.request());
  }
  call.detail(415, "Unsupported media type \"" + type + "\" in request.");
  return std::nullopt;
}

bool refuse_elsewhere(const Call& call) {
  if (!is_from_elsewhere(call.request())) return false;
  call.detail(403, "CSRF Failed: the request comes from a page of another site.");
  return true;
}

}  // namespace

bool identify(const Context& context, Call& call) {
  if (const auto token = call.request().cookie(kCookie)) {
    if (const UserRecord* const user = context.backend.by_session(*token)) {
      call.user = user->id;
      call.has_session = true;
      return true;
    }
  }
  const auto key = given_key(call.request());
  if (!key) {
    call.detail(403, "Authentication credentials were not provided.");
    return false;
  }
  const UserRecord* const user = context.backend.by_api_key(*key);
  if (!user) {
    call.detail(403, "Invalid API key.");
    return false;
  }
  call.user = user->id;
  return true;
}

void log_in(Context& context, const Call& call) {
  if (refuse_elsewhere(call)) return;
  auto given = read_credentials(call);
  if (!given) return;
  if (given->username.empty() || given->password.empty()) {
    return call.detail(400, "The fields \"username\" and \"password\" are required.");
  }
  const std::string who = log::printable(given->username);
  context.backend.log_in(std::move(given->username), std::move(given->password),
                         [call, who](const Outcome<std::string>& token) {
                           if (token) {
                             const std::string cookie = std::string(kCookie) + "=" + *token +
                                                        std::string(kCookieAttributes);
                             return call.json(200, {{"success", true}}, {{"Set-Cookie", cookie}});
                           }
                           log::info("log-in of " + who + " refused: " + token.error().text);
                           if (token.error().kind == Failure::Kind::kUnavailable) {
                             return call.detail(503, token.error().text, {{"Retry-After", "1"}});
                           }
                           if (token.error().kind == Failure::Kind::kInternal) {
                             return call.detail(500, "Logging in failed.");
                           }
                           call.detail(403, "Invalid username/password.");
                         });
}

void log_out(Context& context, const Call& call) {
  if (refuse_elsewhere(call)) return;
  if (const auto token = call.request().cookie(kCookie)) context.backend.log_out(*token);
  const std::string forget =
      std::string(kCookie) + "=" + std::string(kCookieAttributes) + "; Max-Age=0";
  call.json(200, {{"success", true}}, {{"Set-Cookie", forget}});
}

}  // namespace airlane::api
