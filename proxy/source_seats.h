// How many connections each client has at each proxy that limits them: a table of fixed size,
// shared by the workers.
//
//   word     32+16 bits of the SourceKey, 16 bits count     0: free
//   line     8 words, one cache line, chosen by the key's other bits
//
// A word changes by compare-and-swap only, so nobody waits for anybody. When a line is full of
// other clients a newcomer is let in uncounted: the limit is there against one client, and so many
// at once are what the limits of the proxy and of the machine are for.
//
// Owned by the Engine; any thread. Touched at the beginning and the end of a connection.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "proxy/source_key.h"

namespace airlane {

// One connection's entry, taken out when it goes. The table must outlive it.
class SourceSeat {
 public:
  SourceSeat() = default;  // None, or not counted.
  SourceSeat(SourceSeat&& other) noexcept : word_(other.word_) { other.word_ = nullptr; }
  SourceSeat& operator=(SourceSeat&& other) noexcept;
  ~SourceSeat() { leave(); }

 private:
  friend class SourceSeats;
  explicit SourceSeat(std::atomic<std::uint64_t>& word) noexcept : word_(&word) {}
  void leave() noexcept;

  std::atomic<std::uint64_t>* word_ = nullptr;
};

class SourceSeats {
 public:
  static constexpr std::size_t kEntries = 1 << 16;
  static constexpr unsigned kMost = 0xFFFF;

  SourceSeats() : lines_(std::make_unique<Line[]>(kEntries / kWidth)) {}

  struct Taken {
    SourceSeat seat;
    unsigned count;  // Of this client's, this one included; 0 when it is not counted.
  };
  Taken take(SourceKey key) noexcept;

 private:
  static constexpr std::size_t kWidth = 8;
  struct alignas(64) Line {
    std::array<std::atomic<std::uint64_t>, kWidth> words{};
  };

  std::unique_ptr<Line[]> lines_;
};

}  // namespace airlane
