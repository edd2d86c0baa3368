// Which ports' connections may not go on, as told by the Worlds of a process that has taken over:
// for the connections that the process before it still drains.
//
// The first World is what those connections live in; each next one can only take ports away: a
// proxy was removed, its rental is over, its dongle lost its link or has been rotated, or it has
// another fingerprint, of which the process before knows nothing. Pure.
// Control thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "proxy/world.h"

namespace airlane {

class LostPorts {
 public:
  explicit LostPorts(const World& first, WallSeconds now);

  // What is lost now and was not before. Ports that were lost stay lost.
  std::vector<std::uint16_t> next(const World& world, WallSeconds now);
  // Those that could not go on already in the first World.
  [[nodiscard]] const std::vector<std::uint16_t>& at_first() const { return at_first_; }

 private:
  struct Way {
    std::int64_t proxy = 0;
    std::int64_t dongle = 0;
    std::uint64_t generation = 0;
    Looks looks{};
    bool operator==(const Way&) const = default;
  };
  static bool find_way(const World& world, const ProxyPort& port, WallSeconds now, Way& way);

  std::map<std::uint16_t, Way> left_;
  std::vector<std::uint16_t> at_first_;
};

// The same World without these ports: their connections end when it is published.
std::shared_ptr<const World> without(const World& world, std::span<const std::uint16_t> ports);

}  // namespace airlane
