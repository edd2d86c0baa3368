// Runs a program to its end: `ip` and `nft`, with a script on their standard input.
//
// Blocks the caller for the few milliseconds that they take. The program starts in the network
// namespace that the calling thread is in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace airlane::sim {

// Its standard output; fails with what it said on standard error.
Outcome<std::string> run(const std::vector<std::string>& command, std::string_view input = {});

}  // namespace airlane::sim
