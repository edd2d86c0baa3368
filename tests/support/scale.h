// How much a test does. Every test always runs, small; where a criterion names a number that takes
// long, it runs at that number with `script/test --slow`.
#pragma once

#include <cstdlib>

namespace airlane::test {

inline bool at_full_scale() { return std::getenv("AIRLANE_SLOW") != nullptr; }

}  // namespace airlane::test
