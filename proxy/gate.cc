#include "proxy/gate.h"

#include <utility>

namespace airlane {

Result<Seat> Seat::take(std::shared_ptr<Gate> gate, const Limits& limits, Monotonic::time_point now,
                        const LimitNames& names) {
  // The seat first: a proxy that is full must not use up its beginnings by refusing.
  const auto before = gate->connections_.fetch_add(1, std::memory_order_relaxed);
  Seat seat(std::move(gate));
  if (limits.connections != 0 && before >= limits.connections) {
    return Error{Errc::kOverLimit, names.connections};
  }
  if (limits.new_per_second != 0 && !seat.gate_->beginnings_.take(now, 1, limits.new_per_second)) {
    return Error{Errc::kOverLimit, names.new_per_second};
  }
  return seat;
}

Seat& Seat::operator=(Seat&& other) noexcept {
  if (this == &other) return *this;
  leave();
  gate_ = std::move(other.gate_);
  return *this;
}

void Seat::leave() noexcept {
  if (!gate_) return;
  gate_->connections_.fetch_sub(1, std::memory_order_relaxed);
  gate_.reset();
}

}  // namespace airlane
