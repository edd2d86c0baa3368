// Logging in and out: the beginning and the end of a session.
#include "base/log.h"
#include "control/api/csrf.h"
#include "control/api/endpoints.h"
#include "control/api/sessions.h"

namespace airlane::api {
namespace {

constexpr std::string_view kCookieAttributes = "; HttpOnly; SameSite=Strict; Path=/";

// Secure by TLS only: what came in the clear would never be sent back.
std::string session_cookie(const Call& call, std::string_view token) {
  return std::string(kSessionCookie) + "=" + std::string(token) + std::string(kCookieAttributes) +
         (call.request().secure ? "; Secure" : "");
}

bool is_a(const Call& call, std::string_view type) {
  const std::string* const header = call.request().header("Content-Type");
  return header && equal_ignoring_case(header->substr(0, header->find(';')), type);
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
  if (is_a(call, "application/json")) return from_json(call);
  const std::string* const header = call.request().header("Content-Type");
  if (!header || header->empty() || is_a(call, "application/x-www-form-urlencoded")) {
    return from_form(call.request());
  }
  const std::string type = header->substr(0, header->find(';'));
  call.detail(415, "Unsupported media type \"" + type + "\" in request.");
  return std::nullopt;
}

// JSON cannot be sent by a form, nor by another site's script; and scripts have no page to get a
// token from.
bool needs_form_token(const Call& call) {
  return is_from_a_browser(call.request()) && !is_a(call, "application/json");
}

void refuse_log_in(const Call& call, const Failure& failure) {
  if (failure.kind == Failure::Kind::kUnavailable) {
    return call.detail(503, failure.text, {{"Retry-After", "1"}});
  }
  if (failure.kind == Failure::Kind::kInternal) return call.detail(500, "Logging in failed.");
  call.detail(403, "Invalid username/password.");
}

// A page goes on to the index; a script is told.
void answer_with_cookies(const Call& call, std::string_view page, const HttpFields& cookies) {
  if (call.format == Format::kPage) return call.redirect(303, std::string(page), cookies);
  call.json(200, {{"success", true}}, cookies);
}

void let_in(Context& context, const Call& call, const std::string& token) {
  // Whoever logs in again has no use for the session before it.
  if (const auto before = call.request().cookie(kSessionCookie)) context.backend.log_out(*before);
  answer_with_cookies(call, "/api/proxy/",
                      {{"Set-Cookie", session_cookie(call, token)},
                       {"Set-Cookie", form_cookie_of_session(call, token)}});
}

bool refuse_guessing(const Context& context, const Call& call, const std::string& name) {
  const auto wait = context.guessing.wait(call.request().peer, name, context.settings.now());
  if (wait <= wait.zero()) return false;
  const auto seconds = whole_seconds(wait);
  call.detail(429, "Too many wrong passwords. Expected available in " + in_words(seconds) + ".",
              {{"Retry-After", std::to_string(seconds)}});
  return true;
}

// Only a wrong pair is a failure of whoever tried it.
void note_result(Context& context, const Address& source, const std::string& name,
                 const Outcome<std::string>& token) {
  if (token) return context.guessing.succeeded(source, name);
  // What nobody is called may be a password that was typed into the wrong field.
  const auto who = context.backend.by_name(name) ? log::printable(name) : "nobody known";
  log::info("log-in of " + who + " from " + source.ip() + " refused: " + token.error().text);
  if (token.error().kind != Failure::Kind::kInvalid) context.guessing.take_back(source, name);
}

}  // namespace

void log_in(Context& context, const Call& call) {
  if (needs_form_token(call) && !has_form_token(call)) return;
  auto given = read_credentials(call);
  if (!given) return;
  if (given->username.empty() || given->password.empty()) {
    return call.detail(400, "The fields \"username\" and \"password\" are required.");
  }
  const std::string name = given->username;
  if (refuse_guessing(context, call, name)) return;
  context.guessing.attempt(call.request().peer, name, context.settings.now());
  context.backend.log_in(std::move(given->username), std::move(given->password),
                         [&context, call, name](const Outcome<std::string>& token) {
                           note_result(context, call.request().peer, name, token);
                           if (!token) return refuse_log_in(call, token.error());
                           let_in(context, call, *token);
                         });
}

void log_out(Context& context, const Call& call) {
  if (call.has_session) {
    if (!has_form_token(call)) return;
    context.backend.log_out(call.request().cookie(kSessionCookie).value_or(""));
  }
  answer_with_cookies(call, "/api/login/",
                      {{"Set-Cookie", session_cookie(call, "") + "; Max-Age=0"},
                       {"Set-Cookie", form_cookie_that_ends(call)}});
}

}  // namespace airlane::api
