#include "control/api/admin/admission.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "control/api/admin/answers.h"
#include "control/api/csrf.h"
#include "control/api/sessions.h"

namespace airlane::api {
namespace {

// What wrong keys are counted under, for there is no name with them. No user can be called so.
constexpr std::string_view kAnyKey = "a key";

bool is_local_admin(const PeerCredentials& who, const std::optional<gid_t>& group) {
  if (who.uid == 0 || who.uid == geteuid()) return true;
  if (!group) return false;
  return who.gid == *group ||
         std::find(who.groups.begin(), who.groups.end(), *group) != who.groups.end();
}

std::nullopt_t deny(const Call& call, std::string_view sentence) {
  admin_error(call, 403, "denied", sentence);
  return std::nullopt;
}

bool is_reading(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// Absent when a page of another site may be behind it; then it is answered.
std::optional<Caller> caller_of_session(const Context& context, Call& call) {
  if (!is_reading(call.request().method)) {
    if (is_from_elsewhere(call.request())) {
      return deny(call, "CSRF Failed: the request comes from a page of another site.");
    }
    prepare_form(call);
    if (!is_form_token_right(call)) {
      return deny(call,
                  "CSRF Failed: CSRF token missing or incorrect. It is the cookie csrftoken, "
                  "and belongs into the header X-CSRFToken.");
    }
  }
  return Caller{context.backend.by_id(call.user), Scopes::all()};
}

bool refuse_guessing(const Context& context, const Call& call) {
  const auto wait = context.guessing.wait(call.request().peer, kAnyKey, context.settings.now());
  if (wait <= wait.zero()) return false;
  const auto seconds = whole_seconds(wait);
  admin_error(call, 429, "throttled",
              "Too many wrong keys. Expected available in " + in_words(seconds) + ".", {},
              {{"Retry-After", std::to_string(seconds)}});
  return true;
}

std::optional<Caller> caller_by_key(Context& context, const Call& call) {
  const auto key = given_key(call.request());
  if (!key) return deny(call, "Authentication credentials were not provided.");
  if (refuse_guessing(context, call)) return std::nullopt;
  const auto caller = caller_of_key(context, *key);
  if (caller) return *caller;
  context.guessing.attempt(call.request().peer, kAnyKey, context.settings.now());
  log::info("admin API: a wrong key from " + call.request().peer.ip());
  return deny(call, caller.error().text);
}

}  // namespace

std::optional<Scopes> admitted(Context& context, Call& call) {
  if (call.request().credentials) {
    if (is_local_admin(*call.request().credentials, context.settings.admin_group)) {
      return Scopes::all();
    }
    return deny(call, "Only root, the server's own user and the group airlane may do this.");
  }
  recognise(context, call);
  const auto caller =
      call.has_session ? caller_of_session(context, call) : caller_by_key(context, call);
  if (!caller) return std::nullopt;
  if (!caller->user->api) return deny(call, "You are not allowed to use API.");
  if (!caller->user->admin) return deny(call, "Only users who are admins may do this.");
  call.user = caller->user->id;
  return caller->scopes;
}

}  // namespace airlane::api
