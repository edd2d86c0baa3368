// Whose bytes each row of the counter file holds.
//
// A row that was given back still belongs to its old owner, whose last sessions may count for a
// moment; it is only given to another when no unused row is left, the longest-resting first.
// Nothing is remembered across a restart: the records of proxies and credentials say which rows are
// in use.
//
// Owned by the farm, control thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace airlane {

struct CountedRow {
  std::uint32_t row = 0;
  std::int64_t owner = 0;  // Of db/traffic.h: a proxy, or a credential.
  bool operator==(const CountedRow&) const = default;
};

class CounterRows {
 public:
  explicit CounterRows(std::uint32_t rows) : rows_(rows) {}

  // For those that are there already; false when the row is beyond the file or taken.
  bool claim(std::uint32_t row, std::int64_t owner);
  // Absent when every row is in use. A row that was taken is owned or given back, then.
  std::optional<std::uint32_t> take();
  void own(std::uint32_t row, std::int64_t owner) { rows_[row].owner = owner; }
  void give_back(std::uint32_t row) { resting_.push_back(row); }

  // Resting rows included: theirs may still grow.
  [[nodiscard]] std::vector<CountedRow> counted() const;

 private:
  struct Row {
    bool taken = false;      // Resting rows are still taken.
    std::int64_t owner = 0;  // The last one that owned it.
  };

  std::vector<Row> rows_;
  std::uint32_t unused_from_ = 0;  // No row below it is unused.
  std::deque<std::uint32_t> resting_;
};

}  // namespace airlane
