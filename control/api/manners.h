// The fields that every answer of this server has, whoever makes it: what a browser may do with it.
// Pure; any thread.
#pragma once

#include "base/event/http_message.h"

namespace airlane::api {

// `secure`: it goes by TLS, and the browser shall not come by anything else for a year.
HttpFields manners(bool secure);

}  // namespace airlane::api
