// How much a test does, and what it may measure. Every test always runs, small; where a criterion
// names a number that takes long, it runs at that number with `script/test --slow`.
#pragma once

#include <cstdlib>

namespace airlane::test {

// What is measured of a program with a sanitizer, or without optimisation, says nothing of ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
inline constexpr bool kMeasurable = false;
#else
inline constexpr bool kMeasurable = true;
#endif

inline bool at_full_scale() { return std::getenv("AIRLANE_SLOW") != nullptr; }

}  // namespace airlane::test
