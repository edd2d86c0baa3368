// The dongles and the proxies: what there is, what it is doing, and what the data path is told.
//
// The one place that knows all of it. A change is checked here, written to the store, and becomes
// true when its transaction has committed: then the memory is updated, the kernel's tables follow,
// and a new World goes to the engine. What the kernel says about links comes in from the netlink
// watch; an egress that went away raises its generation, so that the engine closes its tunnels.
//
// Owned by main. Control thread only; every `then` is called on the control thread, never inside
// the call that took it. A caller that lost interest makes its `then` do nothing; the work goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/loop.h"
#include "base/result.h"
#include "conf/config.h"
#include "db/dongles.h"
#include "db/proxies.h"
#include "db/store.h"
#include "proxy/count.h"
#include "proxy/engine.h"

namespace airlane {

enum class DongleState : std::uint8_t { kUp, kDown, kAbsent, kRotating, kRebooting };
std::string_view to_string(DongleState state) noexcept;

struct Rotated {
  std::optional<std::string> old_ip;  // Absent when it could not be found out.
  std::optional<std::string> new_ip;
};

class Farm {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  Farm(Loop& control, const Config& config, Store& store, CounterFile& counters, Engine& engine);
  Farm(Farm&&) = delete;
  ~Farm();  // Ends the dongles' threads and removes every rule and table from the kernel.

  // Reads everything, sets up the kernel, starts the dongles and publishes the first World; once,
  // before the loop runs.
  Outcome<Done> start();

  void add_dongle(DongleRecord dongle, Then<DongleRecord> then);  // The id is given out here.
  void remove_dongle(std::string_view name, Then<Done> then);     // kConflict while proxies use it.
  void add_proxy(ProxyRecord proxy, Then<ProxyRecord> then);      // Id and counter row likewise.
  void change_proxy(ProxyRecord proxy, Then<ProxyRecord> then);   // By id; the port stays.
  void remove_proxy(std::int64_t id, Then<Done> then);

  // Null when there is none. Valid until the next turn of the loop.
  [[nodiscard]] const ProxyRecord* proxy(std::int64_t id) const;
  [[nodiscard]] const ProxyRecord* proxy_at_port(std::uint16_t port) const;
  [[nodiscard]] const DongleRecord* dongle(std::int64_t id) const;
  [[nodiscard]] const DongleRecord* dongle_by_name(std::string_view name) const;
  [[nodiscard]] std::vector<const ProxyRecord*> proxies() const;  // By id.
  [[nodiscard]] std::vector<const DongleRecord*> dongles() const;
  [[nodiscard]] DongleState state_of(std::int64_t dongle) const;

  // Since when a rotation or reboot of the dongle runs; absent when none does.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> busy_since(
      std::int64_t dongle) const;

  // `then` comes when it is over, at most `rotation.limit` later: a new_ip that is absent means
  // that it could not be checked. kUnavailable with a sentence when the dongle cannot rotate or
  // refused to; kConflict while a rotation or reboot of it runs.
  void rotate(std::int64_t proxy, Then<Rotated> then);
  // `then` comes when the modem has taken the order, not when it is back.
  void reboot(std::int64_t proxy, Then<Done> then);
  // Absent when it could not be found out. From the cache only if that is at most 120 s old.
  struct ExternalIp {
    std::optional<std::string> ip;
    bool from_cache = false;
  };
  void external_ip(std::int64_t proxy, bool from_cache, Then<ExternalIp> then);

 private:
  class Impl;  // Replace by the members; one class or several, as it turns out.
  std::unique_ptr<Impl> impl_;
};

}  // namespace airlane
