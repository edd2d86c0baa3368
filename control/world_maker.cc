#include "control/world_maker.h"

#include <utility>

#include "control/checks.h"

namespace airlane {
namespace {

// A proxy keeps its gate, and with it what is in use of its limits, whatever else changes.
std::shared_ptr<Gate> gate_of(const ProxyRecord& proxy, const ProxyPort* before) {
  return before && before->id == proxy.id ? before->gate : std::make_shared<Gate>();
}

// A proxy without the looks that it should have has no dongle that anybody knows.
ProxyPort port_of(const ProxyRecord& proxy, const ProxyPort* before, const Limits& limits,
                  const std::optional<Looks>& looks) {
  return {
      .id = proxy.id,
      .port = proxy.port,
      .username = proxy.username,
      .password = proxy.password,
      .whitelist = proxy.whitelist,
      .whitelist_mode = whitelist_mode_of(proxy.whitelist_mode).value_or(WhitelistMode::kRestrict),
      .in_use_from = proxy.in_use_from,
      .in_use_till = proxy.in_use_till,
      .dongle = looks ? proxy.dongle : 0,
      .looks = looks.value_or(Looks()),
      .counter_row = proxy.counter_row,
      .limits = limits,
      .gate = gate_of(proxy, before)};
}

}  // namespace

Limits proxy_limits(const Config& config) {
  return {.connections = config.limits.connections_per_proxy,
          .connections_per_source = config.limits.connections_per_source,
          .new_per_second = config.limits.new_per_second,
          .upload_bytes_per_second = config.limits.upload,
          .download_bytes_per_second = config.limits.download};
}

WorldMaker::WorldMaker(Limits limits, std::shared_ptr<const World> before, LimitsOf limits_of,
                       LooksOf looks_of)
    : limits_(std::move(limits)),
      limits_of_(std::move(limits_of)),
      looks_of_(std::move(looks_of)),
      last_(before ? std::move(before) : std::make_shared<const World>()) {}

std::shared_ptr<const World> WorldMaker::make(const std::map<std::int64_t, ProxyRecord>& proxies,
                                              Egresses egresses, Destinations destinations,
                                              std::shared_ptr<const TlsServerContext> tls) {
  auto world = std::make_shared<World>();
  for (const auto& [id, proxy] : proxies) {
    const auto found = last_->ports.find(proxy.port);
    const auto before = found == last_->ports.end() ? nullptr : found->second;
    auto port = port_of(proxy, before.get(), limits_of_ ? limits_of_(proxy, limits_) : limits_,
                        looks_of_ ? looks_of_(proxy) : Looks());
    world->ports[proxy.port] =
        before && *before == port ? before : std::make_shared<const ProxyPort>(std::move(port));
  }
  world->egresses = std::move(egresses);
  world->destinations = last_->destinations && *last_->destinations == destinations
                            ? last_->destinations
                            : std::make_shared<const Destinations>(std::move(destinations));
  world->tls = std::move(tls);
  last_ = world;
  return world;
}

}  // namespace airlane
