// The process as the API sees it: which one answers, and its replacement by a new one.
//
// Control thread only.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace airlane {

class Life {
 public:
  struct State {
    enum class Upgrade { kNone, kRunning, kFailed };
    pid_t pid = 0;
    std::string version;
    Upgrade upgrade = Upgrade::kNone;  // The last one that this process was told to begin.
    std::string reason{};              // Why that failed.
    pid_t draining = 0;  // The process before this one, while it has connections; else 0.
  };

  Life() = default;
  Life(Life&&) = delete;

  [[nodiscard]] virtual State state() const = 0;
  // Begins to start the program anew from the disk, which then takes over. When it has, another
  // process answers; when it cannot, this one goes on and says so in its state. kConflict while an
  // upgrade is under way or the process before this one drains.
  virtual Outcome<Done> upgrade() = 0;

 protected:
  ~Life() = default;
};

}  // namespace airlane
