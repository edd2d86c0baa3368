// How connections ended: one Tally for each worker, which alone writes it, with plain adds. Anyone
// may read: relaxed atomics, so a reader sees each count at some recent value.
//
// A connection adds one at its beginning and two at its end. What is still open is the difference.
// A client by TLS is one connection, however many streams it has; these are counted apart.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "proxy/udp_drop.h"

namespace airlane {

struct alignas(64) Tally {
  using Count = std::atomic<std::uint64_t>;
  static constexpr std::size_t kMostStages = 12;
  static constexpr std::size_t kMostProtocols = 8;
  static constexpr std::size_t kErrors = static_cast<std::size_t>(kLastErrc) + 2;  // 0: none.

  Count accepted{0};
  Count turned_away{0};  // Closed unanswered: one more than [proxy] connections.
  std::array<Count, kMostProtocols> protocols{};                     // By Protocol.
  using Ends = std::array<std::array<Count, kErrors>, kMostStages>;  // By stage, by error.
  Ends ended{};
  Count streams{0};  // Of HTTP/2, begun.
  Ends streams_ended{};
  std::array<Count, kUdpDrops> datagrams_dropped{};  // By UdpDrop.

  // By the owning worker only: not a read-modify-write, so it costs what a plain add costs.
  static void add(Count& count, std::uint64_t more = 1) noexcept {
    count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
};

}  // namespace airlane
