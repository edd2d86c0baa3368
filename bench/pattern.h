// The bytes that the bench sends: a fixed pseudo-random block, repeated. Its length is odd, so
// bytes that were lost, doubled or swapped do not fit the position that they arrive at. Read-only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace airlane::bench {

class Pattern {
 public:
  static constexpr std::size_t kPeriod = 262'147;  // A prime.
  static constexpr std::size_t kChunk = std::size_t{256} << 10;

  Pattern() : bytes_(kPeriod + kChunk) {
    std::uint64_t state = 1;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      bytes_[i] = i < kPeriod ? static_cast<char>(state >> 56) : bytes_[i - kPeriod];
    }
  }

  // At least kChunk bytes of the stream from `position` on.
  [[nodiscard]] const char* at(std::uint64_t position) const {
    return bytes_.data() + position % kPeriod;
  }
  [[nodiscard]] bool matches(std::uint64_t position, const char* data, std::size_t size) const {
    while (size > 0) {
      const auto part = std::min(size, kChunk);
      if (std::memcmp(at(position), data, part) != 0) return false;
      position += part;
      data += part;
      size -= part;
    }
    return true;
  }

 private:
  std::vector<char> bytes_;
};

}  // namespace airlane::bench
