// Who connected to the services of the internet, as they saw it: the last 256, oldest first.
#pragma once

#include <cstdint>
#include <deque>

#include "base/address.h"
#include "base/clock.h"

namespace airlane::sim {

class PeerLog {
 public:
  struct Entry {
    std::uint64_t number;  // Counts from 1 and never repeats.
    Address peer;
    Wall::time_point at;
  };
  static constexpr std::size_t kMax = 256;

  void add(const Address& peer) {
    if (entries_.size() == kMax) entries_.pop_front();
    entries_.push_back({++count_, peer, Wall::now()});
  }

  [[nodiscard]] const std::deque<Entry>& entries() const noexcept { return entries_; }

 private:
  std::uint64_t count_ = 0;
  std::deque<Entry> entries_;
};

}  // namespace airlane::sim
