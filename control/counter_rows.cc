#include "control/counter_rows.h"

namespace airlane {

bool CounterRows::claim(std::uint32_t row, std::int64_t owner) {
  if (row >= rows_.size() || rows_[row].taken) return false;
  rows_[row] = {true, owner};
  return true;
}

std::optional<std::uint32_t> CounterRows::take() {
  while (unused_from_ < rows_.size() && rows_[unused_from_].taken) ++unused_from_;
  if (unused_from_ < rows_.size()) {
    rows_[unused_from_].taken = true;
    return unused_from_;
  }
  if (resting_.empty()) return std::nullopt;
  const auto row = resting_.front();
  resting_.pop_front();
  return row;
}

std::vector<CountedRow> CounterRows::counted() const {
  std::vector<CountedRow> counted;
  for (std::uint32_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].owner != 0) counted.push_back({row, rows_[row].owner});
  }
  return counted;
}

}  // namespace airlane
