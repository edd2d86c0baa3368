// What an operator types and what comes of it.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace airlane::test {

struct Reply {
  int status = -1;
  std::string out;
  std::string err;
};

// `airlane WORDS...` with `input` on standard input. A server that is asked to run says so.
inline Reply airlane_says(const std::vector<std::string>& words, const std::string& input = "",
                          const cli::Tools& tools = {}) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const auto serve = [&](const Config& config) {
    out << "serving " << config.server.state << '\n';
    return 0;
  };
  const int status = cli::run(words, serve, {in, out, err}, tools);
  return {status, out.str(), err.str()};
}

}  // namespace airlane::test
