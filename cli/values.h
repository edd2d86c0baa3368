// What stands on the command line, as the admin API wants it. Pure functions.
//
// Judged here is only what JSON has no word for: a size that carries its unit, and "default".
// Whether a value makes sense says the server.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
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
// "64KiB" as a number of bytes.
Json bytes_of(const std::string& text);

// What is wrong with a value that these two would leave as it is, or nothing. `words` are what an
// option takes beside sizes.
std::string objection_to_count(const std::string& text);
std::string objection_to_bytes(const std::string& text,
                               std::initializer_list<std::string_view> words);

// What is wrong with the name or number of one thing, or nothing. With these the path below which
// it would stand is another's: of the whole list, or of what is above it.
std::string objection_to_name(const std::string& text);

// "?proxy=7&state=done", of those that are there.
std::string query_of(const std::vector<std::pair<const char*, Text>>& options);

}  // namespace airlane::cli
