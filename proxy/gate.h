// How much of its limits a proxy uses at this moment: the part of them that lives.
//
// One for each proxy and each credential, made by the control plane with it and the same object in
// every World as long as the proxy exists, so that what was taken under one World is given back
// under another. The limits themselves are values in Account, handed in with every question.
//
// Atomics only; any thread. Each bucket has a cache line of its own: the workers meet there once
// for many bytes (throttle.h).
#pragma once

#include <atomic>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "proxy/bucket.h"
#include "proxy/limits.h"

namespace airlane {

class Gate {
 public:
  Gate() = default;
  Gate(Gate&&) = delete;

  alignas(64) Bucket upload{kDepth};
  alignas(64) Bucket download{kDepth};

  [[nodiscard]] unsigned connections() const noexcept {
    return connections_.load(std::memory_order_relaxed);
  }

 private:
  friend class Seat;
  // What a quiet proxy may send at once: little enough to be smooth, enough for a page's request.
  static constexpr std::chrono::milliseconds kDepth{100};

  alignas(64) std::atomic<unsigned> connections_{0};
  Bucket beginnings_{std::chrono::seconds(1)};
};

// One connection's place at a proxy, given back when the Seat goes. Belongs to the connection.
class Seat {
 public:
  Seat() = default;  // None.
  Seat(Seat&&) noexcept = default;
  Seat& operator=(Seat&& other) noexcept;
  ~Seat() { leave(); }

  // kOverLimit when the proxy has as many as it may, or begins too many in this second.
  static Result<Seat> take(std::shared_ptr<Gate> gate, const Limits& limits,
                           Monotonic::time_point now, const LimitNames& names = kProxyLimits);

  explicit operator bool() const noexcept { return gate_ != nullptr; }

 private:
  explicit Seat(std::shared_ptr<Gate> gate) noexcept : gate_(std::move(gate)) {}
  void leave() noexcept;

  std::shared_ptr<Gate> gate_;
};

}  // namespace airlane
