// What a page of another site could make a browser do here, and why it does not work.
//
// It is refused in three ways. The session's cookie is SameSite=Strict. What acts looks at Origin
// and Sec-Fetch-Site, which browsers send and pages cannot change. And a form that is posted must
// bring a token, in the field `csrf_token` or the header X-CSRFToken: with a session that of the
// session, a hash of its own token, so that there is nothing to store; before there is one, what is
// also in the cookie `csrftoken`. A key is nothing that a browser sends by itself, so calls with
// one need none of this. (OWASP's cheat sheet: signed and naive double submit.)
#pragma once

#include "control/api/call.h"

namespace airlane::api {

// For a call that may be answered by a page with a form, or that is one: fills in `form_token`.
void prepare_form(Call& call);
// What goes with that page, and with the answer to a log-in.
HttpFields form_cookie(const Call& call);
std::string form_cookie_of_session(const Call& call, std::string_view session);
std::string form_cookie_that_ends(const Call& call);

// Whether a browser says that a page of another site is behind it.
bool is_from_elsewhere(const HttpRequest& request);
// Whether it brought the token that `form_token` is.
bool is_form_token_right(const Call& call);

// For what acts: true when a browser says that a page of another site is behind it; then it is
// answered.
bool refuse_elsewhere(const Call& call);
// Whether it says that it is a browser's at all.
bool is_from_a_browser(const HttpRequest& request);
// False when the form token is missing or wrong; then it is answered.
bool has_form_token(const Call& call);

}  // namespace airlane::api
