// TCP and UDP ports from `first` to `last`, both included: "25" or "6660-6669". A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace airlane {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;

  static std::optional<PortRange> parse(std::string_view text);

  [[nodiscard]] constexpr bool contains(std::uint16_t port) const noexcept {
    return first <= port && port <= last;
  }
  [[nodiscard]] std::string to_string() const;
  bool operator==(const PortRange&) const = default;
};

}  // namespace airlane
