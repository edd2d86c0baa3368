#include "server/lost_ports.h"

namespace airlane {

// False when nobody leaves by that port now.
bool LostPorts::find_way(const World& world, const ProxyPort& port, WallSeconds now, Way& way) {
  const auto egress = world.egresses.find(port.dongle);
  if (egress == world.egresses.end() || !egress->second->up) return false;
  if (port.in_use_till && now >= *port.in_use_till) return false;
  way = {port.id, port.dongle, egress->second->generation, port.looks};
  return true;
}

LostPorts::LostPorts(const World& first, WallSeconds now) {
  for (const auto& [number, port] : first.ports) {
    Way way;
    if (find_way(first, *port, now, way)) {
      left_.emplace(number, way);
    } else {
      at_first_.push_back(number);
    }
  }
}

std::vector<std::uint16_t> LostPorts::next(const World& world, WallSeconds now) {
  std::vector<std::uint16_t> lost;
  for (const auto& [number, before] : left_) {
    const auto port = world.ports.find(number);
    Way way;
    const bool goes_on = port != world.ports.end() && find_way(world, *port->second, now, way);
    if (!goes_on || way != before) lost.push_back(number);
  }
  for (const auto number : lost) left_.erase(number);
  return lost;
}

std::shared_ptr<const World> without(const World& world, std::span<const std::uint16_t> ports) {
  auto rest = std::make_shared<World>(world);
  for (const auto port : ports) rest->ports.erase(port);
  return rest;
}

}  // namespace airlane
