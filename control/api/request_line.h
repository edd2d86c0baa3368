// What may be shown of a request, in a log or on a page: everything but the secrets in it. Whoever
// logs it passes it through log::printable, whoever puts it on a page through escape_html.
#pragma once

#include <string>

#include "base/event/http_message.h"

namespace airlane::api {

// "GET /api/proxy/list/?key=***&id=7": as it was sent, but for what may be a secret: the value of
// an option that is called key, password or token, and what is as long as our tokens, wherever.
std::string shown_request_line(const HttpRequest& request);

}  // namespace airlane::api
