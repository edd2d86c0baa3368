// What evhttp answers by itself, to what it cannot read or will not: pages of its own, in HTML and
// without the fields that a server wants on everything it says. They are put into our own words
// before they are sent. The loop's thread only.
#pragma once

#include <event2/buffer.h>

#include "base/event/http_message.h"

namespace airlane {

// `output` holds an answer of evhttp and nothing else. When that is a refusal it is replaced: a
// JSON object with a sentence, `fields`, and the end of the connection. 501, its word for an
// unknown method, becomes 405.
void replace_refusal(evbuffer* output, const HttpFields& fields);

}  // namespace airlane
