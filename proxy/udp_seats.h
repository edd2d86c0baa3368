// How many UDP associations each proxy has, over all workers, and how many it may have.
//
// Each costs three descriptors and kernel buffers, so they have a bound of their own. Counted per
// counter row (world.h), which is a proxy's as long as it exists. Owned by the Engine; any thread;
// touched when an association begins and ends, not by its datagrams.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace airlane {

class UdpSeats {
 public:
  UdpSeats(std::uint32_t rows, unsigned most) : most_(most), taken_(rows) {}
  UdpSeats(UdpSeats&&) = delete;

  bool take(std::uint32_t row) noexcept {
    auto& taken = taken_[row];
    if (taken.fetch_add(1, std::memory_order_relaxed) < most_) return true;
    taken.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void leave(std::uint32_t row) noexcept { taken_[row].fetch_sub(1, std::memory_order_relaxed); }

 private:
  const unsigned most_;
  std::vector<std::atomic<unsigned>> taken_;
};

// One of them, given back when this goes.
class UdpSeat {
 public:
  UdpSeat() = default;
  UdpSeat(UdpSeat&&) = delete;
  ~UdpSeat() {
    if (seats_ != nullptr) seats_->leave(row_);
  }

  bool take(UdpSeats& seats, std::uint32_t row) noexcept {
    if (!seats.take(row)) return false;
    seats_ = &seats;
    row_ = row;
    return true;
  }

 private:
  UdpSeats* seats_ = nullptr;
  std::uint32_t row_ = 0;
};

}  // namespace airlane
