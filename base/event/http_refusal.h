// What is answered without asking the handler, in JSON and with the fields that a server wants on
// everything it says. The loop's thread only.
#pragma once

#include <event2/buffer.h>

#include <string>
#include <string_view>

#include "base/event/http_message.h"

namespace airlane {

// For a sentence without quotes.
std::string refusal_body(std::string_view sentence);

// `output` holds an answer of evhttp and nothing else. When that is a refusal, which is a page of
// its own in HTML, it is replaced: a JSON object with a sentence, `fields`, and the end of the
// connection. 501, its word for an unknown method, becomes 405. Tells whether it was one.
bool replace_refusal(evbuffer* output, const HttpFields& fields);

// To a client whose request has not come whole in time (RFC 9110, section 15.5.9).
void add_timeout_refusal(evbuffer* output, const HttpFields& fields);

}  // namespace airlane
