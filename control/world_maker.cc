#include "control/world_maker.h"

#include <utility>

#include "control/checks.h"

namespace airlane {
namespace {

ProxyPort port_of(const ProxyRecord& proxy) {
  return {
      .id = proxy.id,
      .port = proxy.port,
      .username = proxy.username,
      .password = proxy.password,
      .whitelist = proxy.whitelist,
      .whitelist_mode = whitelist_mode_of(proxy.whitelist_mode).value_or(WhitelistMode::kRestrict),
      .in_use_from = proxy.in_use_from,
      .in_use_till = proxy.in_use_till,
      .dongle = proxy.dongle,
      .counter_row = proxy.counter_row};
}

bool same(const Destinations& a, const Destinations& b) {
  return a.allow == b.allow && a.own == b.own && a.never == b.never;
}

}  // namespace

std::shared_ptr<const World> WorldMaker::make(const std::map<std::int64_t, ProxyRecord>& proxies,
                                              Egresses egresses, Destinations destinations) {
  auto world = std::make_shared<World>();
  for (const auto& [id, proxy] : proxies) {
    auto port = port_of(proxy);
    const auto before = last_->ports.find(proxy.port);
    world->ports[proxy.port] = before != last_->ports.end() && *before->second == port
                                   ? before->second
                                   : std::make_shared<const ProxyPort>(std::move(port));
  }
  world->egresses = std::move(egresses);
  world->destinations = last_->destinations && same(*last_->destinations, destinations)
                            ? last_->destinations
                            : std::make_shared<const Destinations>(std::move(destinations));
  last_ = world;
  return world;
}

}  // namespace airlane
