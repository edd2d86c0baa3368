// Counts the calls of operator new by the workers' threads of this program, whose operator new is
// replaced by counted_allocations.cc; so a test that uses it is a program of its own.
#pragma once

namespace airlane::test {

// Begins with 0, or ends; how many there have been since.
int count_allocations(bool begin);

}  // namespace airlane::test
