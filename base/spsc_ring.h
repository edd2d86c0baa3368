// A bounded queue from one thread to one other, without a lock: a ring of slots of fixed size.
//
// The producer fills a slot in place and commits it; the consumer looks at the oldest and pops it.
// Nobody waits for anybody: a full ring has no slot, an empty one no front. All memory is taken at
// construction. Destroyed when neither thread uses it any more.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>

namespace airlane {

template <class T>
class SpscRing {
 public:
  explicit SpscRing(std::size_t at_least)
      : mask_(std::bit_ceil(at_least) - 1), slots_(std::make_unique<T[]>(mask_ + 1)) {}
  SpscRing(SpscRing&&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

  // The producer: where to put the next one, or null when the ring is full.
  [[nodiscard]] T* slot() noexcept {
    const auto next = produced_.load(std::memory_order_relaxed);
    if (next - consumed_seen_ > mask_) {
      consumed_seen_ = consumed_.load(std::memory_order_acquire);
      if (next - consumed_seen_ > mask_) return nullptr;
    }
    return &slots_[next & mask_];
  }
  // Hands it over. Sequentially consistent, so that a producer that looks afterwards whether the
  // consumer sleeps, and a consumer that looks after it has said so whether the ring is empty,
  // cannot miss one another.
  void commit() noexcept {
    produced_.store(produced_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
  }

  // The consumer: the oldest, or null when the ring is empty.
  [[nodiscard]] const T* front() noexcept {
    const auto next = consumed_.load(std::memory_order_relaxed);
    if (next == produced_seen_) {
      produced_seen_ = produced_.load(std::memory_order_seq_cst);
      if (next == produced_seen_) return nullptr;
    }
    return &slots_[next & mask_];
  }
  void pop() noexcept {
    consumed_.store(consumed_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  const std::size_t mask_;
  const std::unique_ptr<T[]> slots_;
  // Each thread writes its own line, and keeps there what it last saw of the other's.
  alignas(64) std::atomic<std::size_t> produced_ = 0;
  std::size_t consumed_seen_ = 0;
  alignas(64) std::atomic<std::size_t> consumed_ = 0;
  std::size_t produced_seen_ = 0;
};

}  // namespace airlane
