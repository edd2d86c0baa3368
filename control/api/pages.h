// An answer as a page for people: what the endpoint is, what was asked, what came back. No script,
// no style, everything escaped.
#pragma once

#include <string>
#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

// The call must have a route. Keys in the request line are left out.
std::string page(const Call& call, int status, const HttpFields& extra, const Json& body);
std::string escape_html(std::string_view text);

}  // namespace airlane::api
