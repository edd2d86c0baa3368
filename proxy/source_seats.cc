#include "proxy/source_seats.h"

#include <utility>

namespace airlane {
namespace {

constexpr std::uint64_t kCount = 0xFFFF;
constexpr auto kRelaxed = std::memory_order_relaxed;

constexpr std::uint64_t name_of(std::uint64_t word) noexcept { return word & ~kCount; }

}  // namespace

SourceSeat& SourceSeat::operator=(SourceSeat&& other) noexcept {
  std::swap(word_, other.word_);
  return *this;
}

void SourceSeat::leave() noexcept {
  if (!word_) return;
  auto word = word_->load(kRelaxed);
  // The last one frees the entry, name and all.
  while (!word_->compare_exchange_weak(word, (word & kCount) == 1 ? 0 : word - 1, kRelaxed)) {
  }
  word_ = nullptr;
}

SourceSeats::Taken SourceSeats::take(SourceKey key) noexcept {
  auto& words = lines_[key % (kEntries / kWidth)].words;
  const auto name = name_of(key) == 0 ? kCount + 1 : name_of(key);  // 0 is what is free.
  for (;;) {
    std::size_t at = kWidth;
    for (std::size_t i = kWidth; i-- > 0;) {
      const auto word = words[i].load(kRelaxed);
      if (name_of(word) == name) {
        at = i;
        break;
      }
      if (word == 0) at = i;
    }
    if (at == kWidth) return {SourceSeat(), 0};
    auto word = words[at].load(kRelaxed);
    if (word != 0 && name_of(word) != name) continue;  // Taken by another client meanwhile.
    if ((word & kCount) == kMost) return {SourceSeat(), kMost};
    const auto next = word == 0 ? name + 1 : word + 1;
    if (!words[at].compare_exchange_strong(word, next, kRelaxed)) continue;
    return {SourceSeat(words[at]), static_cast<unsigned>(next & kCount)};
  }
}

}  // namespace airlane
