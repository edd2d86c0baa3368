// Where the counted bytes go: once a second from the counter file into the database, where they age
// (db/aging.h), and from there into reports.
//
// Both are done in slices, one after the other, so that whoever else wants the database never waits
// for more than one. A report folds nothing: it adds what is counted and not folded yet. A database
// that cannot be written to (a full disk) stops nothing: the file goes on counting, and the next
// second tries again. Owned by main; control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/counter_rows.h"
#include "control/old_counters.h"
#include "control/quotas.h"
#include "db/aging.h"
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

  Usage(Loop& control, Store& store, CounterFile& counters, Rows rows, OldCounters old = {},
        Retention retention = {});
  Usage(Usage&&) = delete;

  // From now on folds once a second.
  Outcome<Done> start();
  // The last fold, for a clean stop: when it returns the database has every byte counted so far.
  void stop();

  // For Quotas: what proxies have moved since a moment, and what their counters say. The second
  // blocks until it is known.
  void used(std::span<const Quotas::Question> questions,
            std::function<void(Outcome<Quotas::Answers>)> then);
  Outcome<Quotas::Answers> used_now(std::span<const Quotas::Question> questions);
  [[nodiscard]] std::uint64_t counters(std::uint32_t row) const;  // Both directions together.
  // Whether a process before this one still counts.
  [[nodiscard]] bool is_draining() const { return !old_.empty(); }

  // Bytes of [from, till) of a proxy or a credential (db/traffic.h), as they are counted at this
  // moment.
  void report(std::int64_t owner, WallSeconds from, WallSeconds till,
              std::function<void(Outcome<Sum>)> then);

 private:
  struct Moved {
    Traffic bytes;
    std::uint64_t counters = 0;  // In both directions, when these were read.
  };
  using Sums = std::function<Outcome<std::vector<Moved>>(Database&)>;
  using Folded = Outcome<std::vector<FoldedTotals>>;

  struct Span {
    std::int64_t owner = 0;
    WallSeconds from;
    WallSeconds till;
  };
  [[nodiscard]] Sums sums(std::span<const Span> spans);
  [[nodiscard]] Sums sums(std::span<const Quotas::Question> questions);
  static Outcome<Quotas::Answers> answers(const Outcome<std::vector<Moved>>& sums);
  void fold_each_second();
  void fold_slice(std::size_t from);
  void folded(const Folded& outcome, std::size_t next);
  void note(const Folded& outcome);
  void age();
  [[nodiscard]] std::function<Folded(Database&)> folding(std::size_t from, std::size_t till);

  Loop& control_;
  Store& store_;
  CounterFile& counters_;
  OldCounters old_;
  Rows rows_;
  std::shared_ptr<Folder> folder_;  // These two are used on the database's thread only.
  std::shared_ptr<Aging> aging_;
  std::vector<CountedRow> to_fold_;  // While a fold runs.
  bool folding_ = false;
  bool failing_ = false;  // The last fold failed, and the log says so.
  bool aging_runs_ = false;
  bool aging_fails_ = false;
  Timer each_second_;
  Timer next_step_;  // Of the aging.
};

}  // namespace airlane
