// The program `airlane` from its arguments to its exit status.
//
//   serve -c FILE, check-config FILE, settings    answered here; `serve` is main's
//   fp check, fp presets, doctor                  answered by what main hands in
//   all others                                  asked of the running server, see
//                                                 docs/admin-api.md
//
// Called once by main, blocks until done, throws nothing. Passwords are read from the input, or
// taken from the arguments where the caller insists; they are never printed by a table.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/tools.h"
#include "conf/config.h"

namespace airlane::cli {

enum ExitStatus : int {
  kDone = 0,
  kRefused = 1,       // The server said no.
  kUsage = 2,         // The arguments make no sense.
  kUnchecked = 3,     // Done, but whether it brought what was wanted is not known.
  kUnreachable = 69,  // EX_UNAVAILABLE: there is no server to ask.
  kBadConfig = 78,    // EX_CONFIG
};

using Serve = std::function<int(const Config& config)>;  // Its result is the exit status.

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// On the streams of the process.
int run(int argc, const char* const* argv, const Serve& serve, const Tools& tools);

// `words` are the arguments without the program's name.
int run(const std::vector<std::string>& words, const Serve& serve, Streams streams,
        const Tools& tools = {});

}  // namespace airlane::cli
