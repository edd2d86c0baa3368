// Latencies in a histogram of constant relative error (the idea of Gil Tene's HDR histogram).
//
// Every power of two has 128 buckets of equal width, so a percentile is at most 0.8 % too high. A
// fixed 59 KB, no allocation, one add per sample. Debian has no C library for it. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace airlane::bench {

class Histogram {
 public:
  void add(std::uint64_t value) noexcept;

  // The least value that `share` (0 to 1) of the samples do not exceed; 0 without samples.
  [[nodiscard]] std::uint64_t quantile(double share) const noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

 private:
  static constexpr unsigned kBits = 7;  // 2^7 buckets per power of two.
  static constexpr std::size_t kBuckets = std::size_t{64 - kBits + 1} << kBits;

  static std::size_t index_of(std::uint64_t value) noexcept;
  static std::uint64_t last_of(std::size_t index) noexcept;  // The largest value of a bucket.

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace airlane::bench
