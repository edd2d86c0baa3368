// The dongles' threads, and what connects each of them to its way out and to the database.
//
// Owned by the farm, control thread only. Destruction ends all threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/event/loop.h"
#include "base/result.h"
#include "conf/config.h"
#include "control/dongle.h"
#include "control/egresses.h"
#include "db/dongles.h"
#include "db/store.h"

namespace airlane {

// The address of a host name, asked through this way out; blocks. See proxy/lookup.h.
using ResolveThrough =
    std::function<Outcome<Address>(const Egress& egress, const std::string& host,
                                   std::chrono::milliseconds limit, const Stop& stop)>;

class Modems {
 public:
  struct Hooks {  // As those of a dongle; whoever wanted the rotation.
    std::function<void(std::int64_t dongle, int attempt)> tried;
    std::function<void(std::int64_t dongle, Dongle::Activity ended, const RotationResult& result)>
        ended;
  };

  Modems(Loop& control, const Config& config, Store& store, Egresses& egresses,
         ResolveThrough resolve, Hooks hooks);
  Modems(Modems&&) = delete;

  // Begins the dongle's thread; its egress must be there already. Also when the gateway, at which
  // the modem is reached, has been found or is another one now: nothing happens when it is not.
  Outcome<Done> add(const DongleRecord& dongle);
  void remove(std::int64_t dongle) { modems_.erase(dongle); }
  void clear() { modems_.clear(); }

  using OnExternalIp = std::function<void(std::optional<std::string> ip, bool from_cache)>;
  // See Dongle. The dongle must be there.
  void rotate(std::int64_t dongle, RotationGoal goal, Dongle::OnRotated done);
  void reboot(std::int64_t dongle, Dongle::OnAccepted done);
  void external_ip(std::int64_t dongle, bool from_cache, OnExternalIp done);

  [[nodiscard]] Dongle::Activity activity(std::int64_t dongle) const;
  [[nodiscard]] std::optional<Monotonic::time_point> busy_since(std::int64_t dongle) const;

 private:
  struct Modem {
    Address gateway;            // As its driver knows it.
    std::string ip;             // The external one, as the database knows it; empty at first.
    std::string cause;          // Of the next change of it.
    std::uint64_t answers = 0;  // How often the outside answered with an external IP.
    std::unique_ptr<Dongle> dongle;
  };

  DongleParts parts(const DongleRecord& dongle, std::unique_ptr<Driver> driver);
  void going_down(std::int64_t dongle);
  void learn(std::int64_t dongle, const std::string& ip);
  void observe_only(std::int64_t dongle);  // What its failed rotation changes is of no cause known.
  [[nodiscard]] std::optional<std::uint64_t> answers_of(std::int64_t dongle) const;
  Modem& at(std::int64_t dongle) { return modems_.at(dongle); }
  // For answers that come by the loop: they may come when this is gone.
  [[nodiscard]] std::weak_ptr<const char> here() const { return here_; }

  Loop& control_;
  const Config& config_;
  Store& store_;
  Egresses& egresses_;
  ResolveThrough resolve_;
  const Hooks hooks_;
  std::map<std::int64_t, Modem> modems_;
  const std::shared_ptr<const char> here_ = std::make_shared<const char>('\0');
};

}  // namespace airlane
