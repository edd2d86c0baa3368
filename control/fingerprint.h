// The one place where a text that somebody gives as a fingerprint is judged: by the REST API, and
// by the admin API. A p0f v3 SYN signature; so far by its shape only: eight fields, of the
// characters that may occur, a version and a payload class that exist.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace airlane {

// The text as it is stored: a space is the '+' that it was before a query was decoded. kInvalid
// with what is wrong with it, as the end of a sentence that begins with its name.
Outcome<std::string> read_fingerprint(std::string_view text);

}  // namespace airlane
