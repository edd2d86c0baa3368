// The content of every long answer, so that a client can check it without a copy:
//
//   byte i = (((i mod 1048573) * 2654435761) mod 2^32) >> 24
//
// The period is a prime, so that a block lost at any power of two shows in the hash. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace airlane::sim {

inline constexpr std::uint64_t kPatternPeriod = 1048573;

constexpr std::uint8_t pattern_byte(std::uint64_t offset) noexcept {
  const auto place = static_cast<std::uint32_t>(offset % kPatternPeriod);
  return static_cast<std::uint8_t>((place * 2654435761U) >> 24);
}

// The pattern from `offset` on: `most` bytes, or fewer but never less than one period.
std::string_view pattern(std::uint64_t offset, std::uint64_t most);

}  // namespace airlane::sim
