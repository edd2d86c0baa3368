// Where the counted bytes go: once a second from the counter file into the database, and from the
// database into reports. Owned by main; control thread only.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "db/store.h"
#include "db/traffic.h"
#include "proxy/count.h"

namespace airlane {

class Farm;

class Usage {
 public:
  struct Sum {
    std::uint64_t incoming = 0;  // Bytes.
    std::uint64_t outgoing = 0;
  };

  Usage(Loop& control, Store& store, CounterFile& counters, const Farm& farm);
  Usage(Usage&&) = delete;

  // Folds what an earlier run left in the file, then once a second.
  Outcome<Done> start();
  // The last fold, for a clean stop: when it returns the database has every byte counted so far.
  void stop();

  // Bytes of [from, till); counts what has not been folded yet by folding first.
  void report(std::int64_t proxy, WallSeconds from, WallSeconds till,
              std::function<void(Outcome<Sum>)> then);
};

}  // namespace airlane
