// What the access log says about one connection: plain values of a fixed size, so that a worker
// hands one over by copying it. Filled by the connection's Session as it goes, on its worker's
// thread; turned into text (access_line.h) by the log's.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.h"
#include "base/clock.h"

namespace airlane {

struct AccessRecord {
  using Time = std::chrono::microseconds;
  // The stages that are timed, in their order; forwarding counts as relaying.
  enum Timing : std::uint8_t { kDetect, kAuthenticate, kResolve, kConnect, kRelay, kTimings };
  static constexpr Time kNever{-1};

  // Text that may be cut, without an allocation.
  template <std::size_t Most>
  struct Text {
    std::uint16_t size = 0;
    std::array<char, Most> bytes;  // Only `size` of them mean anything.

    void operator=(std::string_view text) noexcept {
      size = static_cast<std::uint16_t>(std::min(text.size(), Most));
      std::copy_n(text.data(), size, bytes.data());
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }
  };

  Wall::time_point begun;
  Monotonic::time_point started;  // The same by the other clock, and when the present stage began:
  Monotonic::time_point entered;  // for the accounts below, not for the line.
  std::int64_t proxy = 0;
  std::uint16_t port = 0;
  Address client;                  // As its front names it, if it came by one.
  std::optional<Address> front;    // [proxy] fronts
  std::optional<Address> address;  // Of the target, once connected.
  Text<15> interface;              // That it left by, or would have.
  Text<262> target;                // As asked for last: 255 bytes of name, brackets and a port.
  Text<64> credential;             // By which its last request came, if by one.
  std::uint32_t requests = 0;      // That were understood and allowed.
  std::uint64_t incoming = 0;      // Payload bytes, as counted for the proxy.
  std::uint64_t outgoing = 0;
  // Literals.
  std::string_view protocol;
  std::string_view stage;   // The last one, or the one that failed.
  std::string_view error;   // The label of its error, empty when there was none,
  std::string_view reason;  // what was being done,
  int os_error = 0;         // and the errno of it.
  std::array<Time, kTimings> spent{kNever, kNever, kNever, kNever, kNever};
  Time total{0};
};

}  // namespace airlane
