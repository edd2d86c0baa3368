// From counters that only grow to traffic per minute, each byte once.
//
// The counter file holds totals per row and worker; the table `folded` says which part of each
// total the traffic tables already have. Both change in one transaction, so that a crash at any
// moment leaves them in agreement, and folding the same totals again adds nothing.
//
// Totals are kept as 63 bits: a slot stops counting at 8 EiB.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "db/traffic.h"

namespace airlane {

class Database;

struct FoldItem {
  std::uint32_t row = 0;
  std::uint32_t worker = 0;
  std::int64_t owner = 0;  // Whose row it is now: see db/traffic.h.
  std::uint64_t incoming_total = 0;
  std::uint64_t outgoing_total = 0;
};

struct FoldedTotals {
  std::uint32_t row = 0;
  std::uint32_t worker = 0;
  std::uint64_t incoming = 0;
  std::uint64_t outgoing = 0;

  bool operator==(const FoldedTotals&) const = default;
};

// For start-up: a slot that is below these (its file is older than the database, after a power cut)
// must be raised to them before anything is counted in it.
Outcome<std::vector<FoldedTotals>> folded_totals(Database& database, std::uint64_t epoch);

// Of files that are gone, after their last fold: all but these, or this one.
Outcome<Done> forget_other_epochs(Database& database, std::span<const std::uint64_t> keep);
Outcome<Done> forget_epoch(Database& database, std::uint64_t epoch);

// Folds one counter file at a time, on the database's thread. Remembers what it folded, so that an
// idle slot costs a comparison and no statement; after any rollback it reads that again.
class Folder {
 public:
  // Adds what is new to the minute of `now`, all of it or nothing. A direction whose total is below
  // what was folded counts nothing; its slot is in the answer, with what it must be raised to.
  Outcome<std::vector<FoldedTotals>> fold(Database& database, std::uint64_t epoch, WallSeconds now,
                                          std::span<const FoldItem> items);

  // What fold() would add now, all items together; changes nothing.
  Outcome<Traffic> unfolded(Database& database, std::uint64_t epoch,
                            std::span<const FoldItem> items);

 private:
  Outcome<Done> remember(Database& database, std::uint64_t epoch);
  Outcome<Done> fold_changed(Database& database, WallSeconds now,
                             std::span<const FoldItem> changed);

  std::uint64_t epoch_ = 0;      // 0: nothing is remembered; no file has it.
  std::uint64_t rollbacks_ = 0;  // Of the database, when the totals were right.
  std::unordered_map<std::uint64_t, Traffic> totals_;  // By row and worker.
};

}  // namespace airlane
