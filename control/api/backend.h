// What the API needs of the rest of the control plane: a narrow door, so that every endpoint is
// tested without a modem, a disk or a password hash. LiveBackend is the one behind Api; each method
// is the one of the same name in accounts.h, farm.h, usage.h, life.h or (almost) rotation_links.h
// and api_keys.h or jobs.h, which say what it promises.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/accounts.h"
#include "control/api_keys.h"
#include "control/backups.h"
#include "control/farm.h"
#include "control/life.h"
#include "control/top_targets.h"
#include "control/transfers.h"
#include "control/usage.h"

namespace airlane::api {

class Backend {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;
  using SteadyTime = std::chrono::steady_clock::time_point;

  Backend() = default;
  Backend(Backend&&) = delete;
  virtual ~Backend() = default;

  // Accounts.
  virtual void add_user(std::string name, std::string password, bool admin,
                        Then<UserRecord> then) = 0;
  virtual void change_user(std::string_view name, std::optional<std::string> password,
                           Edit<UserRecord> edit, Then<UserRecord> then) = 0;
  virtual void remove_user(std::string_view name, bool owns_proxies, Consent<UserRecord> may,
                           Then<Done> then) = 0;
  virtual void log_in(std::string name, std::string password, Then<std::string> then) = 0;
  virtual void log_out(std::string_view token) = 0;
  [[nodiscard]] virtual const UserRecord* by_session(std::string_view token) const = 0;
  [[nodiscard]] virtual const UserRecord* by_api_key(std::string_view key) const = 0;
  [[nodiscard]] virtual const UserRecord* by_name(std::string_view name) const = 0;
  [[nodiscard]] virtual const UserRecord* by_id(std::int64_t id) const = 0;
  [[nodiscard]] virtual const std::map<std::int64_t, UserRecord>& users() const = 0;

  // Farm.
  virtual void add_dongle(DongleRecord dongle, Then<DongleRecord> then) = 0;
  virtual void change_dongle(std::string_view name, Edit<DongleRecord> edit,
                             Then<DongleRecord> then) = 0;
  virtual void remove_dongle(std::string_view name, Consent<DongleRecord> may, Then<Done> then) = 0;
  virtual void add_proxy(ProxyRecord proxy, Then<ProxyRecord> then) = 0;
  virtual void change_proxy(std::int64_t id, Edit<ProxyRecord> edit, Then<ProxyRecord> then) = 0;
  virtual void remove_proxy(std::int64_t id, Consent<ProxyRecord> may, Then<Done> then) = 0;
  [[nodiscard]] virtual const ProxyRecord* proxy(std::int64_t id) const = 0;
  [[nodiscard]] virtual const ProxyRecord* proxy_at_port(std::uint16_t port) const = 0;
  [[nodiscard]] virtual const DongleRecord* dongle(std::int64_t id) const = 0;
  [[nodiscard]] virtual const DongleRecord* dongle_by_name(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<const ProxyRecord*> proxies() const = 0;
  [[nodiscard]] virtual std::vector<const DongleRecord*> dongles() const = 0;
  [[nodiscard]] virtual DongleState state_of(std::int64_t dongle) const = 0;
  [[nodiscard]] virtual bool is_up(std::int64_t dongle) const = 0;
  [[nodiscard]] virtual std::optional<SteadyTime> busy_since(std::int64_t dongle) const = 0;
  [[nodiscard]] virtual std::optional<Quotas::Use> quota_use(std::int64_t proxy) const = 0;
  [[nodiscard]] virtual std::optional<WallSeconds> next_rotation(std::int64_t proxy) const = 0;
  [[nodiscard]] virtual std::optional<WallSeconds> last_rotation(std::int64_t dongle) const = 0;
  virtual void external_ip(std::int64_t proxy, bool from_cache, Then<Farm::ExternalIp> then) = 0;

  // Fingerprints: why nobody may leave by the proxy, for the sake of its own; or empty.
  [[nodiscard]] virtual std::string fingerprint_trouble(const ProxyRecord& proxy) const = 0;
  virtual void see_looks(std::int64_t proxy, std::optional<Address> target,
                         Then<SeenLooks> then) = 0;

  // Extra credentials. `quota_use` above takes their CredentialRecord::owner(), and so does
  // `report`.
  virtual void add_credential(CredentialRecord credential, Then<CredentialRecord> then) = 0;
  virtual void change_credential(std::int64_t id, Edit<CredentialRecord> edit,
                                 Then<CredentialRecord> then) = 0;
  virtual void remove_credential(std::int64_t id, Consent<CredentialRecord> may,
                                 Then<Done> then) = 0;
  [[nodiscard]] virtual const std::map<std::int64_t, CredentialRecord>& credentials() const = 0;

  // Farm, and its jobs.
  template <class T>
  using ThenOfJob = Farm::ThenOfJob<T>;
  virtual std::int64_t rotate(const RotationOrder& order, ThenOfJob<Rotated> then) = 0;
  virtual std::int64_t reboot(std::int64_t proxy, JobCause cause, ThenOfJob<Done> then) = 0;
  virtual void when_jobs_are_kept(Then<Done> then) = 0;
  virtual void find_job(std::int64_t id, Then<std::optional<JobRecord>> then) = 0;
  virtual void list_jobs(JobFilter filter, Then<std::vector<JobRecord>> then) = 0;
  virtual void addresses(const IpFilter& filter, WallSeconds since, Then<AddressHistory> then) = 0;

  // Rotation links.
  virtual void make_rotation_link(std::int64_t proxy, Then<std::string> then) = 0;
  virtual void revoke_rotation_link(std::int64_t proxy, Then<Done> then) = 0;
  [[nodiscard]] virtual std::optional<std::int64_t> proxy_of_link(std::string_view token) const = 0;

  // Named keys.
  virtual void make_key(ApiKeys::Wanted wanted, Then<ApiKeys::Made> then) = 0;
  virtual void revoke_key(std::int64_t id, Then<Done> then) = 0;
  [[nodiscard]] virtual const ApiKeyRecord* named_key(std::string_view key) const = 0;
  virtual void note_key_use(std::int64_t id, WallSeconds now) = 0;
  [[nodiscard]] virtual const std::map<std::int64_t, ApiKeyRecord>& keys() const = 0;

  // The process.
  [[nodiscard]] virtual Life::State life() const = 0;
  virtual Outcome<Done> upgrade() = 0;

  // Usage.
  virtual void report(std::int64_t proxy, WallSeconds from, WallSeconds till,
                      Then<Usage::Sum> then) = 0;

  // Copies of the database.
  virtual void back_up(const std::string& path, Then<Backups::Made> then) = 0;
  // Of everything; see control/transfers.h.
  virtual void export_all(bool with_traffic, Transfers::Write write, Then<std::string> then) = 0;
  virtual void import_all(Transfers::Read read, bool dry_run, Then<Transfers::Result> then) = 0;
  // Top targets: how many of the proxy's are told apart (0: none), and what TopTargets promises.
  [[nodiscard]] virtual unsigned targets_kept(const ProxyRecord& proxy) const = 0;
  virtual void report_targets(std::int64_t proxy, std::int64_t first_day, std::int64_t last_day,
                              Then<TargetSummary> then) = 0;
  virtual void forget_targets(std::int64_t proxy, Then<Done> then) = 0;

  // Metrics::text().
  [[nodiscard]] virtual std::string metrics() const = 0;
};

}  // namespace airlane::api
