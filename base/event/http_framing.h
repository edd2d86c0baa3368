// Fields of a request that another server in the chain may read in another way than evhttp, which
// takes the first of two lengths and overlooks what it does not know: so where the next request
// begins, or whose it is, could be two things (RFC 9112, sections 3.2, 6.1 and 11.2). Pure.
#pragma once

#include <string_view>

#include "base/event/http_message.h"

namespace airlane {

// What is wrong with them, in a sentence; empty: nothing. HTTP/1.0 may leave Host out.
std::string_view wrong_framing(const HttpFields& fields, bool needs_host);

}  // namespace airlane
