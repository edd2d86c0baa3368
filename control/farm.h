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
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "conf/config.h"
#include "control/certificates.h"
#include "control/changes.h"
#include "control/checks.h"
#include "control/counter_rows.h"
#include "control/dresser.h"
#include "control/egresses.h"
#include "control/exit.h"
#include "control/jobs.h"
#include "control/kernel.h"
#include "control/modems.h"
#include "control/quotas.h"
#include "control/scheduler.h"
#include "control/syn_probe.h"
#include "control/world_maker.h"
#include "db/contents.h"
#include "db/credentials.h"
#include "db/dongles.h"
#include "db/ip_history.h"
#include "db/proxies.h"
#include "db/store.h"
#include "proxy/world.h"

namespace airlane {

std::string_view to_string(DongleState state) noexcept;

struct Rotated {
  std::optional<std::string> old_ip;  // Absent when it could not be found out.
  std::optional<std::string> new_ip;
  std::string reason = {};  // Without a new_ip, or a goal missed: why; a sentence or more.
  int attempts = 1;
  std::optional<bool> reached = {};  // Of the goal, if there was one.
};

struct RotationOrder {
  std::int64_t proxy = 0;
  JobCause cause = JobCause::kApi;
  RotationGoal goal = {};  // What was used is the farm's to find out.
};

// The newest addresses of a dongle, and how many there were in a while.
struct AddressHistory {
  std::vector<IpRecord> addresses;
  IpCount count;
};

// What the farm needs of the rest of the program, as functions, so that tests can be the rest.
struct Surroundings {
  Kernel& kernel;
  std::function<void(std::shared_ptr<const World>)> publish;  // To the engine.
  std::function<Outcome<Done>(std::uint16_t port)> probe;     // Of the engine.
  ResolveThrough resolve;
  Quotas::Sources used{};  // Of Usage.
  // What the engine was told last by a farm before this one, whose connections go on; or null.
  std::shared_ptr<const World> before = nullptr;
  Clocks clocks = {};  // Of the schedules and the jobs.
  // Calls back, on a turn of the loop, when the engine goes by what was published.
  std::function<void(std::function<void()>)> settle = [](const auto& then) { then(); };
};

class Farm {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  Farm(Loop& control, const Config& config, Store& store, Surroundings surroundings);
  Farm(Farm&&) = delete;
  ~Farm();  // Ends the dongles' threads and removes every rule and table from the kernel.
  // Ends the dongles' threads, and leaves the kernel as it is for the process that takes over. To
  // be destroyed then.
  void leave();

  // Reads everything, sets up the kernel, starts the dongles and publishes the first World; once,
  // before the loop runs.
  Outcome<Done> start();

  void add_dongle(DongleRecord dongle, Then<DongleRecord> then);  // The id is given out here.
  // Its id and name stay. Nobody else's connections notice, and its own end only when it is
  // another way out now: by interface, gateway or DNS. kConflict while it rotates or reboots.
  void change_dongle(std::string_view name, Edit<DongleRecord> edit, Then<DongleRecord> then);
  // kConflict while proxies use it.
  void remove_dongle(std::string_view name, Consent<DongleRecord> may, Then<Done> then);
  void add_proxy(ProxyRecord proxy, Then<ProxyRecord> then);  // Id and counter row likewise.
  // Its id, port and counter row stay.
  void change_proxy(std::int64_t id, Edit<ProxyRecord> edit, Then<ProxyRecord> then);
  void remove_proxy(std::int64_t id, Consent<ProxyRecord> may, Then<Done> then);

  // Extra credentials of proxies. kConflict when the name is taken at the proxy, or it has as many
  // as it may.
  void add_credential(CredentialRecord credential, Then<CredentialRecord> then);
  // Its id, proxy and counter row stay.
  void change_credential(std::int64_t id, Edit<CredentialRecord> edit, Then<CredentialRecord> then);
  void remove_credential(std::int64_t id, Consent<CredentialRecord> may, Then<Done> then);
  [[nodiscard]] const WorldMaker::Credentials& credentials() const { return credentials_; }

  // What an import brings; see transfers.h. Users, keys and links are somebody else's.
  struct Arrival {
    std::shared_ptr<Contents> contents;
    // What of those contradicts what is there, asked when its turn has come.
    std::function<std::vector<Fault>(const Contents&)> others;
    // All of it is in the store, with these ids.
    std::function<void(const Contents&)> taken_in;
    bool dry_run = false;  // Only say what contradicts.
  };
  // All of it, or nothing. What contradicts what is there is no failure but told, each of it.
  void take_in(Arrival arrival, Then<std::vector<Fault>> then);

  // Null when there is none. Valid until the next turn of the loop.
  [[nodiscard]] const ProxyRecord* proxy(std::int64_t id) const;
  [[nodiscard]] const ProxyRecord* proxy_at_port(std::uint16_t port) const;
  [[nodiscard]] const DongleRecord* dongle(std::int64_t id) const;
  [[nodiscard]] const DongleRecord* dongle_by_name(std::string_view name) const;
  [[nodiscard]] std::vector<const ProxyRecord*> proxies() const;  // By id.
  [[nodiscard]] std::vector<const DongleRecord*> dongles() const;
  // For Usage: which rows count, and for whom.
  [[nodiscard]] std::vector<CountedRow> counted_rows() const { return rows_.counted(); }
  // What it is doing: rotating from the order until its new address is known or given up.
  [[nodiscard]] DongleState state_of(std::int64_t dongle) const;
  // Whether customers can leave by it, which they can also in the first and last part of that.
  [[nodiscard]] bool is_up(std::int64_t dongle) const;

  // Of a proxy or a credential (db/traffic.h). Absent: it has no quota.
  [[nodiscard]] std::optional<Quotas::Use> quota_use(std::int64_t owner) const {
    return quotas_.use(owner);
  }
  // Why nobody may leave by the proxy, which cannot have its fingerprint: a sentence; or empty.
  [[nodiscard]] std::string fingerprint_trouble(const ProxyRecord& proxy) const {
    return dresser_.trouble_of(proxy);
  }
  [[nodiscard]] Outcome<FingerprintCounts> fingerprint_counts() const {
    return surroundings_.kernel.count_looks();
  }
  // When the proxy rotates by itself the next time; absent when it does not.
  [[nodiscard]] std::optional<WallSeconds> next_rotation(std::int64_t proxy) const {
    return scheduler_.next(proxy);
  }
  // When the dongle's last rotation ended, whoever wanted it.
  [[nodiscard]] std::optional<WallSeconds> last_rotation(std::int64_t dongle) const {
    return scheduler_.last_rotation(dongle);
  }

  // Since when a rotation or reboot of the dongle runs; absent when none does.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> busy_since(
      std::int64_t dongle) const;

  void reload_certificates() { certificates_.reload(); }

  // With the job that tells of it, or 0 when it was refused at once.
  template <class T>
  using ThenOfJob = std::function<void(std::int64_t job, Outcome<T>)>;
  // Both answer that job's id at once, and tell it again with the end.
  // `then` comes when it is over, at most `rotation.limit` later: a new_ip that is absent means
  // that it could not be checked, for `reason`. kUnavailable with a sentence when the dongle cannot
  // rotate or refused to; kConflict, and no job, while a rotation or reboot of it runs.
  std::int64_t rotate(const RotationOrder& order, ThenOfJob<Rotated> then);
  // `then` comes when the modem has taken the order, not when it is back.
  std::int64_t reboot(std::int64_t proxy, JobCause cause, ThenOfJob<Done> then);
  [[nodiscard]] Jobs& jobs() { return jobs_; }
  [[nodiscard]] const Jobs& jobs() const { return jobs_; }
  // `count` is of the periods that have begun since then.
  void addresses(const IpFilter& filter, WallSeconds since, Then<AddressHistory> then);
  // Absent when it could not be found out. From the cache only if that is at most 120 s old.
  struct ExternalIp {
    std::optional<std::string> ip;
    bool from_cache = false;
  };
  void external_ip(std::int64_t proxy, bool from_cache, Then<ExternalIp> then);
  // What a SYN of the proxy is on the dongle's wire at this moment; see syn_probe.h. Without a
  // target it goes to the dongle's name server, at its port.
  void see_looks(std::int64_t proxy, std::optional<Address> target, Then<SeenLooks> then);

 private:
  // Begins `work` in its turn, which ends with the call of what it is given.
  template <class T>
  void change(Then<T> then, std::function<void(Then<T>)> work);
  // Ends it: whoever hears of the change meets it at the ports.
  template <class T>
  void publish_and_tell(const Then<T>& then, const T& what);

  Outcome<Done> load();
  Outcome<Done> give_rows();
  template <class Record, class Write>
  Outcome<Done> give_row(Record& record, std::int64_t owner, Write write);
  [[nodiscard]] Outcome<Done> check_new(const ProxyRecord& proxy) const;
  [[nodiscard]] Outcome<Done> check_dongle_of(const ProxyRecord& proxy) const;
  [[nodiscard]] Outcome<Done> check_schedule(const ProxyRecord& proxy,
                                             const ProxyRecord& before) const;
  [[nodiscard]] Outcome<Done> check_among_others(const DongleRecord& dongle) const;
  [[nodiscard]] Outcome<Done> check_change(const DongleRecord& before,
                                           const DongleRecord& after) const;
  Outcome<Done> prepare_looks(const ProxyRecord& proxy);
  void dress_again(std::int64_t dongle);
  [[nodiscard]] Outcome<std::int64_t> removable_dongle(const std::string& name) const;
  void insert(ProxyRecord proxy, const Then<ProxyRecord>& then);
  void update(const ProxyRecord& proxy, const Then<ProxyRecord>& then);
  [[nodiscard]] Outcome<Done> check_name_of(const CredentialRecord& credential) const;
  [[nodiscard]] Outcome<Done> check_username(const ProxyRecord& proxy) const;
  void insert(CredentialRecord credential, const Then<CredentialRecord>& then);
  void update(const CredentialRecord& credential, const Then<CredentialRecord>& then);
  void forget_credentials_of(std::int64_t proxy);
  void insert(DongleRecord dongle, const Then<DongleRecord>& then);
  void bring_up(const DongleRecord& dongle, const Then<DongleRecord>& then);
  void update(const DongleRecord& before, const DongleRecord& after,
              const Then<DongleRecord>& then);
  Outcome<Done> rebuild(const DongleRecord& before, const DongleRecord& after);
  struct ArrivalRun;
  void find_conflicts(const Contents& contents, std::vector<Fault>& conflicts) const;
  void find_proxy_conflicts(const Contents& contents, std::vector<Fault>& conflicts) const;
  void find_free_ports(const std::shared_ptr<ArrivalRun>& run, std::size_t from);
  void give_rows_and_looks(const std::shared_ptr<ArrivalRun>& run);
  void give_back_rows(const Contents& contents);
  void store(const std::shared_ptr<ArrivalRun>& run);
  Outcome<Done> bring_up(const std::vector<DongleRecord>& dongles);
  void take_back(const std::shared_ptr<ArrivalRun>& run, const Contents& stored,
                 const Failure& failure);
  void adopt(Contents stored, const Arrival& arrival);
  // The job of an order that its dongle will take; else 0.
  std::int64_t begin_job(Jobs::Action action, const ProxyRecord& proxy, JobCause cause,
                         RotationGoal::Until until);
  [[nodiscard]] RotationGoal goal_of(const RotationOrder& order, const ProxyRecord& proxy) const;
  void ended(std::int64_t dongle, Dongle::Activity activity, const RotationResult& result);

  Scheduler::Parts scheduler_parts();
  void rotate_by_schedule(std::int64_t proxy);
  void on_egress_change() { publish_soon_.start({}); }
  void on_quota_change() { publish_soon_.start({}); }
  void catch_up();
  void publish();
  [[nodiscard]] std::vector<std::uint16_t> own_ports() const;  // Of proxies and the API.
  void wait_for_the_next_end_of_a_rental();

  Loop& control_;
  const Config& config_;
  Store& store_;
  const Surroundings surroundings_;

  std::map<std::int64_t, DongleRecord> dongles_;
  std::map<std::int64_t, ProxyRecord> proxies_;
  std::map<std::uint16_t, std::int64_t> by_port_;
  WorldMaker::Credentials credentials_;
  CounterRows rows_;
  Quotas quotas_;
  Dresser dresser_;
  WorldMaker maker_;
  Changes changes_;
  Timer publish_soon_;  // However much happens in a turn of the loop, one World tells of it.
  Timer rental_ends_;
  Certificates certificates_;
  Egresses egresses_;
  Scheduler scheduler_;
  SynProbe syn_probe_;
  Jobs jobs_;
  Modems modems_;  // Its threads end before what they look at.
  const std::shared_ptr<const char> here_ = std::make_shared<const char>('\0');
};

}  // namespace airlane
