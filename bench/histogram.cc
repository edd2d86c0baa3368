#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace airlane::bench {

std::size_t Histogram::index_of(std::uint64_t value) noexcept {
  constexpr std::uint64_t kEach = std::uint64_t{1} << kBits;
  if (value < kEach) return static_cast<std::size_t>(value);
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
  return static_cast<std::size_t>((shift << kBits) + (value >> shift));
}

std::uint64_t Histogram::last_of(std::size_t index) noexcept {
  constexpr std::size_t kEach = std::size_t{1} << kBits;
  if (index < 2 * kEach) return index;
  const auto shift = static_cast<unsigned>((index >> kBits) - 1);
  const std::uint64_t first = (index - (std::size_t{shift} << kBits));
  return ((first + 1) << shift) - 1;
}

void Histogram::add(std::uint64_t value) noexcept {
  ++buckets_[index_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

std::uint64_t Histogram::quantile(double share) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < kBuckets; ++index) {
    seen += buckets_[index];
    if (seen >= wanted) return std::min(last_of(index), max_);
  }
  return max_;
}

}  // namespace airlane::bench
