// The one place where a text that somebody gives as a fingerprint is judged: by the REST API, by
// the admin API, and at the start, when it is read from the database. A p0f v3 SYN signature or the
// name of a preset; netlink/fingerprint knows the grammar, and what can be sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "netlink/fingerprint/recipe.h"

namespace airlane {

// The text as it is stored: the signature, in the one way in which it is written. kInvalid with a
// sentence that names the field and the position, or says why it cannot be sent.
Outcome<std::string> judge_fingerprint(std::string_view text);

// Whether it stands for a SYN that was seen; absent when it is empty.
std::optional<bool> fits_fingerprint(std::string_view text, const Signature& seen);

// What it compiles to; fails as the above.
Outcome<Recipe> recipe_of(std::string_view text);

}  // namespace airlane
