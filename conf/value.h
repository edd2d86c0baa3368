// One value of a setting, from the text of the file and back. Pure functions, any thread.
//
// What is wrong is said in a few words that follow the key: `"5" has no unit; ...`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conf/schema.h"

namespace airlane::conf {

// How the file writes a value of this kind.
enum class Shape : std::uint8_t { kNumber, kText, kList };
Shape shape(const Field& field);

// "a list of networks", "a duration": what to write instead.
std::string_view expectation(const Field& field);

// Puts what the file says into the field's place. Nothing when that went well, else what is wrong;
// the place is then as it was. A list is read between its start and its end, an element at a time.
using Objection = std::optional<std::string>;
Objection read_text(const Field& field, std::string_view text);
// An element of a list that is a table: its names and, where they are text, their values.
using Pair = std::pair<std::string_view, std::optional<std::string_view>>;
Objection read_pair(const Field& field, std::span<const Pair> pairs);
Objection read_number(const Field& field, std::int64_t number);
void read_list_start(const Field& field);
Objection read_list_end(const Field& field, std::size_t elements);

// The current value as the file would have it: `"30s"`, `["127.0.0.1:8080"]`, `16384`.
std::string written(const Field& field);

}  // namespace airlane::conf
