// Where the counted bytes go: once a second from the counter file into the database, and from the
// database into reports.
//
// A database that cannot be written to (a full disk) stops nothing: the file goes on counting, and
// the next second tries again. Owned by main; control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/counter_rows.h"
#include "control/old_counters.h"
#include "db/fold.h"
#include "db/store.h"
#include "db/traffic.h"
#include "proxy/count.h"

namespace airlane {

class Usage {
 public:
  struct Sum {
    std::uint64_t incoming = 0;  // Bytes.
    std::uint64_t outgoing = 0;
  };
  using Rows = std::function<std::vector<CountedRow>()>;  // Which rows count, and for whom.

  // For the start, before anything counts: opens the file or makes one. What an earlier run left in
  // it is folded, for the proxies that the database knows; a counter behind the database (after a
  // power cut) is raised to it; a file of another shape is replaced when it has been folded; one in
  // which a process before this one still counts is set aside, see OldCounters.
  static Outcome<CounterFile> open_counters(const std::string& path, CounterFile::Shape shape,
                                            Store& store);
  // After a successor has failed: `mine`, set aside by it, gets its name back. What the successor
  // counted is set aside instead.
  static Outcome<Done> reclaim_counters(const std::string& path, const CounterFile& mine);

  Usage(Loop& control, Store& store, CounterFile& counters, Rows rows, OldCounters old = {});
  Usage(Usage&&) = delete;

  // From now on folds once a second.
  Outcome<Done> start();
  // The last fold, for a clean stop: when it returns the database has every byte counted so far.
  void stop();

  // Bytes of [from, till); counts what has not been folded yet by folding first.
  void report(std::int64_t proxy, WallSeconds from, WallSeconds till,
              std::function<void(Outcome<Sum>)> then);

 private:
  using Folded = Outcome<std::vector<FoldedTotals>>;
  using Waiter = std::function<void()>;

  void fold_each_second();
  void fold();
  void folded(const Folded& outcome, const std::vector<Waiter>& waiters);
  [[nodiscard]] std::function<Folded(Database&)> folding();

  Loop& control_;
  Store& store_;
  CounterFile& counters_;
  OldCounters old_;
  Rows rows_;
  std::shared_ptr<Folder> folder_;  // Used on the database's thread only.
  bool folding_ = false;
  bool failing_ = false;         // The last fold failed, and the log says so.
  std::vector<Waiter> waiters_;  // For the next fold.
  Timer each_second_;
};

}  // namespace airlane
