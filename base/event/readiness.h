// What epoll(7) has said about a descriptor: a set of flags, one byte.
#pragma once

#include <cstdint>

namespace airlane {

class Readiness {
 public:
  enum : std::uint8_t {
    kReadable = 1,
    kWritable = 2,
    kEnded = 4,   // The peer has ended its stream, or reset it: read on until 0 or an error.
    kFailed = 8,  // Both directions are dead.
  };

  constexpr Readiness() = default;
  explicit constexpr Readiness(std::uint8_t flags) : flags_(flags) {}
  static Readiness of_epoll(std::uint32_t events) noexcept;

  [[nodiscard]] constexpr bool readable() const noexcept { return (flags_ & kReadable) != 0; }
  [[nodiscard]] constexpr bool writable() const noexcept { return (flags_ & kWritable) != 0; }
  [[nodiscard]] constexpr bool ended() const noexcept { return (flags_ & kEnded) != 0; }
  [[nodiscard]] constexpr bool failed() const noexcept { return (flags_ & kFailed) != 0; }

  constexpr void set(std::uint8_t flags) noexcept {
    flags_ = static_cast<std::uint8_t>(flags_ | flags);
  }
  constexpr void clear(std::uint8_t flags) noexcept {
    flags_ = static_cast<std::uint8_t>(flags_ & ~flags);
  }
  constexpr Readiness& operator|=(Readiness other) noexcept {
    set(other.flags_);
    return *this;
  }

 private:
  std::uint8_t flags_ = 0;
};

}  // namespace airlane
