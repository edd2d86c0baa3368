// Where a proxy's bytes went, by the day: from the book into the database once a minute, and from
// there into reports. A kill -9 loses what the last minute brought; nothing else does.
//
// Written in slices, one after the other, so that whoever else wants the database never waits for
// more than one. A report writes nothing: it adds what is not written yet. What a disk does not
// take stays in the book. Owned by the control plane; control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/target_book.h"
#include "db/store.h"
#include "db/target_summary.h"

namespace airlane {

class TopTargets {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  struct Options {
    std::string folder;  // Of the files of processes before this one.
    std::chrono::days keep{35};
  };

  TopTargets(Loop& control, Store& store, TargetBook& book, const Options& options);
  TopTargets(TopTargets&&) = delete;

  // From now on writes once a minute.
  void start();
  // All that is known is written when it returns, or stays in the book.
  void stop();
  // A process before this one may have left a file.
  void look_for_files();

  // Of the days from `first` to `last` (day_of), together.
  void report(std::int64_t proxy, std::int64_t first, std::int64_t last,
              const Then<TargetSummary>& then);
  // All days of the proxy; what is under way comes after that.
  void forget(std::int64_t proxy, const Then<Done>& then);

 private:
  void each_second();
  void write();
  void write_slice();
  void written(const Outcome<Done>& outcome, std::size_t from);
  void forget_old();
  void note(const Outcome<Done>& outcome);

  Loop& control_;
  Store& store_;
  TargetBook& book_;
  const Options options_;
  std::vector<TargetPage> pages_;  // While they are written;
  std::size_t next_ = 0;           // the first that the database has not been given.
  bool writing_ = false;
  bool failing_ = false;  // The last slice failed, and the log says so.
  Monotonic::time_point next_write_{};
  Timer each_second_;
};

}  // namespace airlane
