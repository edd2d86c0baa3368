// How many bytes went to which target, on their way from the workers to the control plane: a
// bounded queue from each worker, which nobody waits for.
//
// A queue takes its memory when its worker has the first thing to say, so it costs nothing where
// no proxy's targets are told apart. When one is full, what does not fit is added up for its proxy
// and comes later, without the target's name: bytes lose their target there, but none is lost.
//
// Owned by main; outlives the Engine.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/spsc_ring.h"
#include "proxy/target_record.h"

namespace airlane {

class TargetReports {
 public:
  // `queue`: records per worker; rounded up to a power of two.
  TargetReports(unsigned workers, std::size_t queue);
  TargetReports(TargetReports&&) = delete;

  // By the worker of that number, on its thread.
  void add(unsigned worker, const TargetRecord& record);
  // Tries again with what did not fit.
  void tick(unsigned worker) {
    if (!lanes_[worker]->late.empty()) flush(*lanes_[worker]);
  }

  // By the one reader: gives what is there to `take`, at most a queue of each worker.
  template <class Take>
  void drain(Take take);
  // When the workers have ended: all that there is, what did not fit included.
  template <class Take>
  void drain_all(Take take);

  // Whether a worker has ever said something.
  [[nodiscard]] bool in_use() const noexcept;
  // Any thread: records that have lost their target.
  [[nodiscard]] std::uint64_t crowded_out() const noexcept;

 private:
  using Ring = SpscRing<TargetRecord>;
  using Late = std::map<std::pair<std::int64_t, std::int64_t>, TargetRecord>;  // By proxy and day.

  struct alignas(64) Lane {
    std::unique_ptr<Ring> memory;  // The worker's,
    std::atomic<Ring*> ring{};     // and for both of them.
    Late late;                     // The worker's.
    std::atomic<std::uint64_t> crowded_out{0};
  };

  static bool put(Lane& lane, const TargetRecord& record) noexcept;
  static void flush(Lane& lane);

  const std::size_t queue_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

template <class Take>
void TargetReports::drain(Take take) {
  for (const auto& lane : lanes_) {
    auto* const ring = lane->ring.load(std::memory_order_acquire);
    if (ring == nullptr) continue;
    for (std::size_t i = 0; i < ring->capacity(); ++i) {
      const auto* const record = ring->front();
      if (record == nullptr) break;
      take(*record);
      ring->pop();
    }
  }
}

template <class Take>
void TargetReports::drain_all(Take take) {
  drain(take);
  for (const auto& lane : lanes_) {
    for (const auto& [of, record] : std::exchange(lane->late, {})) take(record);
  }
}

}  // namespace airlane
