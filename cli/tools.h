// What the command line does without a server and cannot do itself: it may not enter the rooms that
// know how. The program hands all of it in (main.cc), a test what it needs.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "conf/config.h"

namespace airlane::cli {

// A fingerprint in words.
struct Explanation {
  struct Field {
    std::string name, written, meaning;
  };
  std::string canonical;
  std::vector<Field> fields;
  std::vector<std::string> warnings;  // Whole sentences.
  std::string trouble;                // Why this host cannot do it now; or empty.
};

struct Finding {
  enum class State { kGood, kDoubtful, kBad };
  State state = State::kGood;
  std::string about, text;
};

// What a running server has said; without one, `server` is absent and the list empty.
struct Seen {
  std::optional<pid_t> server;
  std::vector<std::pair<std::string, std::string>> fingerprints;  // By proxy.
};

struct Tools {
  std::function<Outcome<Explanation>(std::string_view text)> explain_fingerprint;
  std::vector<std::pair<std::string, std::string>> presets;  // Names and signatures.
  std::function<std::vector<Finding>(const Config& config, const Seen& seen)> examine;
};

}  // namespace airlane::cli
