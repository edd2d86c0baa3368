// What stands on the command line, as the admin API wants it. Pure functions.
//
// Nothing is judged here: what is no number or size goes to the server as it is, which says what is
// wrong with it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/invocation.h"

namespace airlane::cli {

using Text = std::optional<std::string>;  // Absent: not on the command line.

// Fields of a body; what is absent is no field.
void put(Json& body, const char* field, const Text& value);
void put_or_null(Json& body, const char* field, const Text& value);  // "none" is null.
// The word "none" alone is the empty list, and no words at all are absent.
void put_list(Json& body, const char* field, const std::vector<std::string>& words);

// "100" as a number, "default" as null.
Json count_of(const std::string& text);

// "?proxy=7&state=done", of those that are there.
std::string query_of(const std::vector<std::pair<const char*, Text>>& options);

}  // namespace airlane::cli
