// Reads the configuration file: all of it, or everything that is wrong with it at once.
//
// Called by main before any thread runs. Opens the file read-only, touches nothing else, throws
// nothing. A syntax error ends the reading (what follows it cannot be trusted); every other problem
// is found together with all others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conf/config.h"

namespace airlane::conf {

struct Problem {
  std::string file;
  unsigned line = 0;  // From 1, as is the column; 0 when the file as a whole is meant.
  unsigned column = 0;
  std::string key;   // "timeouts.connect"; empty when no key is to blame.
  std::string text;  // `"5" has no unit; ...`

  // "FILE:LINE:COLUMN: KEY: TEXT", without what is absent: the form that editors jump to.
  [[nodiscard]] std::string to_string() const;
};

using Loaded = Result<Config, std::vector<Problem>>;

Loaded load(const std::string& path);
// The same for text at hand; `name` is the file that problems are blamed on.
Loaded parse(std::string_view text, const std::string& name);

}  // namespace airlane::conf
