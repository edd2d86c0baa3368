#include "proxy/guard.h"

#include <tuple>

namespace airlane {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr unsigned kTimeBits = 28;  // Eight years.
constexpr std::uint64_t kTime = (1U << kTimeBits) - 1;
constexpr std::uint64_t kOne = kTime + 1;  // A failure.
constexpr std::uint64_t kBlocked = 255 * kOne;
constexpr std::uint64_t kName = ~(kBlocked | kTime);

constexpr std::uint64_t failures_of(std::uint64_t word) { return word & kBlocked; }
constexpr std::uint64_t time_of(std::uint64_t word) { return word & kTime; }

}  // namespace

Guard::Guard(const GuardRules& rules, Monotonic::time_point now)
    : rules_(rules), start_(now), lines_(std::make_unique<Line[]>(kEntries / kWidth)) {}

std::uint64_t Guard::seconds(Monotonic::time_point now) const noexcept {
  const auto passed = std::chrono::floor<std::chrono::seconds>(now - start_).count();
  return static_cast<std::uint64_t>(passed) & kTime;
}

// Its time is that of the first failure, or that of the block.
bool Guard::outdated(std::uint64_t word, std::uint64_t second) const noexcept {
  const auto limit = failures_of(word) == kBlocked ? rules_.block : rules_.window;
  return ((second - time_of(word)) & kTime) >= static_cast<std::uint64_t>(limit.count());
}

bool Guard::blocks(SourceKey key, Monotonic::time_point now) const noexcept {
  const auto second = seconds(now);
  for (const auto& entry : lines_[key % (kEntries / kWidth)].words) {
    const auto word = entry.load(kRelaxed);
    if (word != 0 && (word & kName) == (key & kName)) {
      return failures_of(word) == kBlocked && !outdated(word, second);
    }
  }
  return false;
}

Guard::Word& Guard::word_for(std::uint64_t name, Line& line, std::uint64_t second) const noexcept {
  Word* best = nullptr;
  std::tuple<bool, bool, std::uint64_t> best_rank;
  for (auto& entry : line.words) {
    const auto word = entry.load(kRelaxed);
    if (word != 0 && (word & kName) == name) return entry;
    const auto age = (second - time_of(word)) & kTime;
    const std::tuple rank(word == 0 || outdated(word, second), failures_of(word) != kBlocked, age);
    if (best == nullptr || rank > best_rank) {
      best = &entry;
      best_rank = rank;
    }
  }
  return *best;
}

bool Guard::failed(SourceKey key, Monotonic::time_point now) noexcept {
  if (rules_.failures == 0) return false;
  const auto second = seconds(now);
  const auto name = key & kName;
  for (;;) {
    auto& entry = word_for(name, lines_[key % (kEntries / kWidth)], second);
    auto word = entry.load(kRelaxed);
    const bool known = word != 0 && (word & kName) == name && !outdated(word, second);
    if (known && failures_of(word) == kBlocked) return false;  // Another worker saw the last one.
    const auto failures = (known ? failures_of(word) / kOne : 0) + 1;
    const auto next = failures >= rules_.failures
                          ? (name | kBlocked | second)
                          : (name | failures * kOne | (known ? time_of(word) : second));
    if (entry.compare_exchange_strong(word, next, kRelaxed)) return failures_of(next) == kBlocked;
  }
}

}  // namespace airlane
