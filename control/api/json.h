// JSON as this API writes it: fields in the order in which they were set, floats that stay floats,
// times in UTC with a Z. The only file that names the library is this one.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace airlane::api {

using Json = nlohmann::ordered_json;

// Bytes that are not UTF-8 become U+FFFD; nothing here throws.
std::string compact(const Json& value);
std::string pretty(const Json& value);
std::optional<Json> parse_json(std::string_view text);

std::string to_iso(WallSeconds time);  // "2020-07-26T01:30:36Z"
Json iso_or_null(const std::optional<WallSeconds>& time);
Json text_or_null(const std::optional<std::string>& text);

}  // namespace airlane::api
