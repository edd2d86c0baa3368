// "Did you mean ...?": the known word that a person most likely meant. Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace airlane::conf {

// The nearest of `known`, when few enough letters of `word` are wrong for it to be one.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known);

}  // namespace airlane::conf
