// The path of a rotation link, /r/TOKEN/. What the endpoints do with links is in endpoints.h.
#pragma once

#include <string>
#include <string_view>

namespace airlane::api {

inline constexpr std::string_view kLinkPrefix = "/r/";
std::string link_path(std::string_view token);

}  // namespace airlane::api
