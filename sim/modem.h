// One dongle: its namespace, its link to the computer, its place in the mobile network, its API and
// its name server.
//
//   plugged    on -- unplug, power off --> off -- plug --> on
//              on -- reboot --> rebooting -- Settings::reboot --> on     (a new interface each
//              time)
//   attached   no -- Settings::rotate --> yes, with an address; needs: on, data enabled, covered
//
// plug(), unplug(), begin_attach(), finish_attach() and detach() are the only functions that move
// between these; each leaves namespaces, firewall, name server and this object in agreement. A
// script that fails is logged, and the object goes on.
//
// Owned by the Farm; one loop, one thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/event/timer.h"
#include "sim/address_pool.h"
#include "sim/dns_forwarder.h"
#include "sim/hilink.h"
#include "sim/http_server.h"
#include "sim/namespace.h"
#include "sim/settings.h"
#include "sim/wiring.h"

namespace airlane::sim {

// What all dongles of a farm share. Borrowed; outlives them.
struct World {
  Loop& loop;
  const Namespace& host;
  const Namespace& internet;
  AddressPool& pool;
  bool ipv6 = false;
};

class Modem final : public Radio {
 public:
  enum class Power : std::uint8_t { kOn, kOff, kRebooting };
  struct Heard {
    std::string method;
    std::string path;
    std::string answer;  // "OK", "125003", "HTTP 302"
  };

  static Outcome<std::unique_ptr<Modem>> create(World& world, int index, std::string interface,
                                                const Settings& settings);
  ~Modem() override = default;

  // After the links of all dongles were made in one go: brings up its own namespace.
  Outcome<Done> start(bool with_api);

  [[nodiscard]] const Wire& wire() const noexcept { return wire_; }
  [[nodiscard]] const Namespace& space() const noexcept { return space_; }
  [[nodiscard]] Power power() const noexcept { return power_; }
  [[nodiscard]] bool covered() const noexcept { return covered_; }
  [[nodiscard]] bool has_api() const noexcept { return api_.has_value(); }
  [[nodiscard]] const std::deque<Heard>& heard() const noexcept { return heard_; }
  [[nodiscard]] const std::string& last_ip() const noexcept { return ip_; }
  Settings& settings() noexcept { return settings_; }
  // After a change of what the name server does while offline.
  void settings_changed();

  // By hand, from the control socket.
  void plug();
  void unplug();
  void rotate();
  void reboot_now();
  void set_coverage(bool covered);

  // As its API sees it.
  [[nodiscard]] Connection connection() const override;
  [[nodiscard]] bool data_enabled() const override { return data_enabled_; }
  [[nodiscard]] std::string external_ip() const override;
  void enable_data(bool on) override;
  void reattach() override;
  void reboot() override;
  void power_off() override;

 private:
  enum class Attached : std::uint8_t { kNo, kBegun, kYes };
  enum class Soon : std::uint8_t { kNothing, kReboot, kPowerOff };

  Modem(World& world, Namespace space, Wire wire, const Settings& settings);

  Reply answer(const HttpRequest& request);
  void begin_attach();
  void finish_attach();
  void detach();
  void on_power_time();
  void tell_name_server();

  World& world_;
  Namespace space_;
  Wire wire_;
  Settings settings_;
  Power power_ = Power::kOn;
  Soon soon_ = Soon::kNothing;
  Attached attached_ = Attached::kNo;
  bool data_enabled_ = true;
  bool covered_ = true;
  std::string ip_;  // The last one; reserved also while detached.
  Monotonic::time_point detached_at_;
  bool was_away_ = false;  // For long enough to be forgotten by the carrier.
  std::deque<Heard> heard_;
  Hilink hilink_;
  std::optional<HttpServer> api_;
  std::optional<DnsForwarder> dns_;
  Timer attach_timer_;
  Timer power_timer_;
};

}  // namespace airlane::sim
