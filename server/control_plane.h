// Everything that decides, as one thing that can be taken down and built again while the engine
// goes on: store, accounts, kernel, farm, usage and the APIs.
//
//   start        builds what is missing of the data path, then all of the above
//   close_doors  nobody is answered any more; all goes on, for the time of a drain, and with it
//                what was asked for, whose end still needs what would have answered
//   close        that goes, too; nothing that was asked for may end after it
//   stop         the last fold, and the kernel as we found it; after the engine has gone
//   leave        the same, but the kernel stays as it is: another process takes over
//
// Owned by the server. Control thread only; the data path outlives it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/event/loop.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "conf/config.h"
#include "control/accounts.h"
#include "control/api/api.h"
#include "control/api_keys.h"
#include "control/backups.h"
#include "control/farm.h"
#include "control/guard_log.h"
#include "control/kernel.h"
#include "control/life.h"
#include "control/metrics.h"
#include "control/rotation_links.h"
#include "control/target_book.h"
#include "control/top_targets.h"
#include "control/transfers.h"
#include "control/usage.h"
#include "db/store.h"
#include "proxy/access_log.h"
#include "proxy/count.h"
#include "proxy/engine.h"
#include "server/doors.h"

namespace airlane {

// What moves bytes, and what it was told last.
struct DataPath {
  std::unique_ptr<CounterFile> counters;
  std::unique_ptr<AccessLog> access_log;  // Null: none.
  std::unique_ptr<TargetBook> targets;
  std::unique_ptr<Engine> engine;
  std::shared_ptr<const World> world;
  std::vector<UniqueFd> inherited;  // For the engine when it is made.
};

class ControlPlane {
 public:
  struct Parts {
    Loop& loop;
    const Config& config;
    DataPath& data;
    const Doors& doors;
    Life& life;
    std::function<void(const World&)> on_world;  // Each that was published.
  };

  explicit ControlPlane(Parts parts) : parts_(std::move(parts)) {}
  ControlPlane(ControlPlane&&) = delete;
  ~ControlPlane();

  Outcome<Done> start();
  void close_doors();
  void close();
  void stop();
  void leave();
  void reload_certificates();
  // The process before this one, if there was one.
  void predecessor_ended() {
    if (top_targets_) top_targets_->look_for_files();
  }

  [[nodiscard]] const Farm& farm() const { return *farm_; }

 private:
  Outcome<Done> open_state();
  Outcome<Done> make_engine();
  Outcome<Done> start_farm();
  Quotas::Sources used_of_usage();
  Outcome<Done> open_doors();
  void publish(std::shared_ptr<const World> world);
  void settle(std::function<void()> then);

  const Parts parts_;
  std::unique_ptr<Store> store_;
  OldCounters old_counters_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<RotationLinks> links_;
  std::unique_ptr<ApiKeys> keys_;
  std::unique_ptr<Kernel> kernel_;
  std::unique_ptr<Farm> farm_;
  std::unique_ptr<Usage> usage_;
  std::unique_ptr<TopTargets> top_targets_;
  std::unique_ptr<GuardLog> guard_log_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Backups> backups_;
  std::unique_ptr<Transfers> transfers_;
  std::unique_ptr<Api> api_;
};

}  // namespace airlane
