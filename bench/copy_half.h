// One direction of the copying relay: recv into a buffer that all tunnels share, send. Only what
// the sink would not take is kept in a buffer of the direction's own. One thread.
#pragma once

#include <string>
#include <vector>

#include "bench/relay.h"

namespace airlane::bench {

class CopyHalf {
 public:
  struct Tools {
    explicit Tools(std::size_t size) : buffer(size) {}
    std::vector<char> buffer;
  };

  Moved move(Tools& tools, int from, int to, bool hangup);
  void discard(Tools&) {}

 private:
  std::string rest_;
  std::size_t sent_ = 0;  // Of rest_.
};

}  // namespace airlane::bench
