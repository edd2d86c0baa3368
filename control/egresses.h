// The ways out by all dongles, kept in step with the kernel.
//
// Each dongle has a table and a rule in the kernel from add() until remove() or the destruction of
// this. What the watch says was lost takes effect in the same turn of the loop: the generation
// rises, and `on_change` is called. A moment later, when the kernel has said all it had to, the
// dongle is looked at and its table put back. Because not everything is watched (a rule that
// somebody deleted), some dongles are looked at every second in turn, changes or not.
//
// What is to be seen by the fingerprints' program is seen before there is a route to leave by. A
// dongle that cannot be dressed is down for one look, so that everybody knows it when its routes
// are made for the proxies that need no fingerprint.
//
// Owned by the farm, control thread only. `on_change` is called from inside of every call that
// changed something; it should note that and return.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/callback.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/dresser.h"
#include "control/exit.h"
#include "control/exit_view.h"
#include "control/kernel.h"
#include "control/world_maker.h"
#include "db/dongles.h"

namespace airlane {

class Egresses {
 public:
  Egresses(Loop& loop, Kernel& kernel, Dresser& dresser, Callback<void()> on_change);
  Egresses(Egresses&&) = delete;
  ~Egresses();  // Removes every rule, table and program, unless they were left.

  // Cleans up after a run that was killed and adds these dongles; once. Connections made under
  // `before` go on where nothing was lost since then; null when there are none.
  Outcome<Done> start(std::span<const DongleRecord> dongles,
                      std::shared_ptr<const World> before = nullptr);
  // Rules and tables stay as they are, for the process that takes over; call nothing after it.
  void leave();
  // A dongle that is away is no failure; one that could not be kept from leaking is.
  Outcome<Done> add(const DongleRecord& dongle);
  // Another way out for a dongle that is there: its tunnels end. After a failure the kernel may
  // have nothing for it, and nobody leaves by it, until it is changed again or looked at.
  Outcome<Done> change(const DongleRecord& dongle);
  void remove(std::int64_t dongle);
  // Its packets get the looks of their proxies. One that is away gets them when it comes.
  Outcome<Done> dress(std::int64_t dongle);

  // For the time of a rotation or reboot nobody leaves by the dongle, and its tunnels end now.
  void hold(std::int64_t dongle, DongleState why);
  void release(std::int64_t dongle);

  [[nodiscard]] const Exit* find(std::int64_t dongle) const;
  // For the dongle's thread; null when there is no such dongle.
  [[nodiscard]] std::shared_ptr<const ExitView> view(std::int64_t dongle) const;
  [[nodiscard]] WorldMaker::Egresses all() const;
  [[nodiscard]] const std::vector<Address>& host_addresses() const { return host_addresses_; }
  [[nodiscard]] std::vector<Address> forbidden() const;  // The `never` of Destinations.

 private:
  struct Lane {
    Exit exit;
    EgressPlan plan;
    std::string name;       // Of the dongle, for the log.
    std::string trouble{};  // What was logged last; empty when it was up.
    bool bare = false;      // It is to be dressed and was not, when it was looked at last.
    std::shared_ptr<ExitView> view = std::make_shared<ExitView>();
  };

  Outcome<Done> install(const DongleRecord& dongle, EgressPlan plan, std::uint64_t generation);
  void on_kernel_change(const Change& change);
  void on_overrun();
  void look_soon();
  void look_at_noted();
  void look_at_some();
  void look(Lane& lane);
  Outcome<EgressState> install(Lane& lane);
  void tell(Lane& lane, bool changed);  // Everyone who must know how its exit is now.
  void look_at_host();
  static void report(Lane& lane, std::string trouble);
  [[nodiscard]] bool is_dongle(const std::string& interface) const;
  [[nodiscard]] std::uint64_t first_generation(std::int64_t dongle, bool up) const;

  Kernel& kernel_;
  Dresser& dresser_;
  Callback<void()> on_change_;
  std::map<std::int64_t, Lane> lanes_;  // By dongle.
  std::vector<Address> host_addresses_;
  std::set<std::int64_t> noted_;  // To be looked at when `soon_` fires.
  bool looking_soon_ = false;
  std::int64_t looked_at_last_ = 0;
  std::shared_ptr<const World> before_;  // During start() only.
  Timer soon_;
  Timer now_and_then_;
};

}  // namespace airlane
