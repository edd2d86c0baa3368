// What one connection has moved for one target, or has moved since it was last told: plain values
// of a fixed size, so that a worker hands them over by copying. A target is the host and the port
// that the client asked for, and nothing else of what it said.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "proxy/access_record.h"

namespace airlane {

struct TargetRecord {
  static constexpr std::size_t kHostMost = 253;  // As in protocol/target.h.

  // Names in small letters, whoever wrote them how.
  void set_host(std::string_view name) noexcept {
    host = name;
    std::transform(host.bytes.begin(), host.bytes.begin() + host.size, host.bytes.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  [[nodiscard]] bool says_something() const noexcept {
    return incoming > 0 || outgoing > 0 || connections > 0;
  }

  std::int64_t proxy = 0;
  std::int64_t day = 0;    // In UTC, since 1970.
  std::uint32_t kept = 0;  // How many targets the proxy's days tell apart; more than 0.
  std::uint32_t connections = 0;
  std::uint64_t incoming = 0;  // Payload bytes, as counted for the proxy.
  std::uint64_t outgoing = 0;
  std::uint16_t port = 0;
  AccessRecord::Text<kHostMost> host;  // Empty: of targets that nobody has told apart.
};

inline std::int64_t day_of(WallSeconds time) noexcept {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace airlane
