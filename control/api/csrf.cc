#include "control/api/csrf.h"

#include "base/tls/crypto.h"
#include "control/api/sessions.h"

namespace airlane::api {
namespace {

constexpr std::string_view kFormCookie = "csrftoken";
// Not HttpOnly: a client may read it and send it as X-CSRFToken.
constexpr std::string_view kFormCookieAttributes = "; SameSite=Strict; Path=/";
constexpr std::size_t kTokenDigits = 64;

// Says nothing about the session's own token.
std::string form_token_of(std::string_view session) {
  return sha256_hex("csrf " + std::string(session));
}

std::string form_cookie_of(const Call& call, std::string_view token) {
  return std::string(kFormCookie) + "=" + std::string(token) + std::string(kFormCookieAttributes) +
         (call.request().secure ? "; Secure" : "");
}

std::string given_form_token(const HttpRequest& request) {
  if (const std::string* const header = request.header("X-CSRFToken")) return *header;
  for (const auto& [name, value] : parse_form(request.body)) {
    if (name == "csrf_token") return value;
  }
  return {};
}

}  // namespace

void prepare_form(Call& call) {
  const auto session = call.request().cookie(kSessionCookie);
  if (call.has_session && session) {
    call.form_token = form_token_of(*session);
    return;
  }
  call.form_token = call.request().cookie(kFormCookie).value_or("");
  if (call.form_token.size() != kTokenDigits ||
      call.form_token.find_first_not_of("0123456789abcdef") != std::string::npos) {
    call.form_token = random_hex(kTokenDigits / 2);
  }
}

HttpFields form_cookie(const Call& call) {
  if (call.form_token.empty()) return {};
  // Whoever follows a link from another site comes without his session, and is given another token.
  const auto brought = call.request().cookie(kFormCookie);
  if (call.has_session && (!brought || *brought == call.form_token)) return {};
  return {{"Set-Cookie", form_cookie_of(call, call.form_token)}};
}

std::string form_cookie_of_session(const Call& call, std::string_view session) {
  return form_cookie_of(call, form_token_of(session));
}

std::string form_cookie_that_ends(const Call& call) {
  return form_cookie_of(call, "") + "; Max-Age=0";
}

bool is_from_a_browser(const HttpRequest& request) {
  return request.header("Origin") || request.header("Sec-Fetch-Site");
}

bool is_from_elsewhere(const HttpRequest& request) {
  const std::string* const site = request.header("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return true;
  const std::string* const origin = request.header("Origin");
  if (!origin) return false;
  const std::string* const host = request.header("Host");
  const auto scheme = origin->find("://");
  return !host || scheme == origin->npos ||
         !equal_ignoring_case(std::string_view(*origin).substr(scheme + 3), *host);
}

bool refuse_elsewhere(const Call& call) {
  if (!is_from_elsewhere(call.request())) return false;
  call.detail(403, "CSRF Failed: the request comes from a page of another site.");
  return true;
}

bool is_form_token_right(const Call& call) {
  const std::string given = given_form_token(call.request());
  return !given.empty() && equal_in_constant_time(given, call.form_token);
}

bool has_form_token(const Call& call) {
  if (is_form_token_right(call)) return true;
  call.detail(403, "CSRF Failed: CSRF token missing or incorrect.");
  return false;
}

}  // namespace airlane::api
