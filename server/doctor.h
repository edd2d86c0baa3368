// What is wrong with the host, before it hurts: `airlane doctor`.
//
// Looks at what the server needs and does not have itself: rights, the kernel's settings and what
// it was built with, limits, the state folder. Changes nothing that anybody sees: what has to be
// tried is tried in a network namespace of its own, by a child. Works with the server running and
// without; any thread, before there are others. Takes some milliseconds.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conf/config.h"

namespace airlane {

// What a server that runs was asked.
struct Patient {
  std::optional<pid_t> server;  // Absent: none answers, and this process is looked at instead.
  struct Fingerprint {
    std::string proxy;  // Its id.
    std::string text;
  };
  std::vector<Fingerprint> fingerprints{};  // In use.
};

struct Finding {
  enum class State : std::uint8_t { kGood, kDoubtful, kBad };
  State state = State::kGood;
  std::string about;  // Some words.
  std::string text;   // What is so; where it is not good, also what to do.
};

std::vector<Finding> examine(const Config& config, const Patient& patient);

}  // namespace airlane
