// Against guessing passwords: a client that brings too many wrong ones to a proxy is not believed
// for a while, not even with the right one.
//
// Counted per client and proxy (source_key.h), so that nobody is shut out of a proxy by somebody
// else. A table of fixed size, shared by the workers:
//
//   word     28 bits of the SourceKey, 8 bits failures or "blocked", 28 bits seconds
//   line     8 words, one cache line, chosen by the key's other bits
//
// A word changes by compare-and-swap only. A newcomer takes a free or outdated word of its line,
// else the oldest that blocks nobody, else the oldest; to make it forget one client on purpose
// takes some 60,000 others.
//
// Owned by the Engine; any thread. Asked once per password, never per byte.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "proxy/block_reports.h"
#include "proxy/source_key.h"

namespace airlane {

struct GuardRules {
  static constexpr unsigned kMostFailures = 254;

  unsigned failures = 10;           // Within `window`, then the client is blocked; 0: never.
  std::chrono::seconds window{60};  // From the first failure.
  std::chrono::seconds block{60};
};

class Guard {
 public:
  static constexpr std::size_t kEntries = 1 << 16;

  explicit Guard(const GuardRules& rules, Monotonic::time_point now = Monotonic::now());
  Guard(Guard&&) = delete;

  [[nodiscard]] bool blocks(SourceKey key, Monotonic::time_point now) const noexcept;
  // A wrong password, of a client that is not blocked; whether it is from now on. Each block is
  // told to one caller, who then reports it.
  bool failed(SourceKey key, Monotonic::time_point now) noexcept;
  [[nodiscard]] BlockReports& reports() noexcept { return reports_; }
  [[nodiscard]] const BlockReports& reports() const noexcept { return reports_; }

 private:
  static constexpr std::size_t kWidth = 8;
  using Word = std::atomic<std::uint64_t>;
  struct alignas(64) Line {
    std::array<Word, kWidth> words{};
  };

  [[nodiscard]] std::uint64_t seconds(Monotonic::time_point now) const noexcept;
  [[nodiscard]] bool outdated(std::uint64_t word, std::uint64_t second) const noexcept;
  [[nodiscard]] Word& word_for(std::uint64_t name, Line& line, std::uint64_t second) const noexcept;

  const GuardRules rules_;
  const Monotonic::time_point start_;
  std::unique_ptr<Line[]> lines_;
  BlockReports reports_;
};

}  // namespace airlane
