// Which form of an answer a client prefers (RFC 9110, section 12.5.1): JSON, or a page to look at.
#pragma once

#include <optional>
#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

// Absent when it takes neither. JSON wins a tie, so that a script gets what it expects; a type that
// is named outranks one that a wildcard covers, so that a browser gets a page.
std::optional<Format> preferred_format(std::string_view accept);
// Whether the client takes this form at all.
bool takes(std::string_view accept, Format format);

}  // namespace airlane::api
