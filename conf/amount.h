// Amounts that carry their unit: "30s", "64KiB". Pure functions of text, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace airlane::conf {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
struct Units {
  std::array<Unit, 5> largest_first;
  std::string_view zero;  // The unit in which nothing is written.
  std::string_view examples;
};

inline constexpr Units kTime{
    {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}},  // In ms.
    "s",
    R"("150ms", "30s", "5m", "2h" or "35d")"};
inline constexpr Units kBytes{{{{"TiB", std::int64_t{1} << 40},
                                {"GiB", 1 << 30},
                                {"MiB", 1 << 20},
                                {"KiB", 1 << 10},
                                {"B", 1}}},
                              "B",
                              R"("512B", "64KiB" or "2MiB")"};

// A whole number and a unit, nothing between them; or what is wrong with the text.
Result<std::int64_t, std::string> read_amount(std::string_view text, const Units& units);

// In the largest unit that leaves no rest.
std::string written_amount(std::int64_t amount, const Units& units);

// The objection to a number without a unit; `given` is the value as the file has it.
std::string without_unit(std::string_view given, const Units& units);

std::string quoted(std::string_view text);  // In double quotes, with nothing that breaks a line.

}  // namespace airlane::conf
