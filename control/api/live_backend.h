// The Backend that the server runs with: passes every call on. Owned by Api; control thread only.
#pragma once

#include <utility>

#include "control/api/api.h"
#include "control/api/backend.h"
#include "control/api_keys.h"
#include "control/metrics.h"
#include "control/rotation_links.h"

namespace airlane::api {

class LiveBackend final : public Backend {
 public:
  LiveBackend(const Config& config, const Api::Parts& parts) : config_(config), parts_(parts) {}

  void add_user(std::string name, std::string password, bool admin,
                Then<UserRecord> then) override {
    parts_.accounts.add_user(std::move(name), std::move(password), admin, then);
  }
  void change_user(std::string_view name, std::optional<std::string> password,
                   Edit<UserRecord> edit, Then<UserRecord> then) override {
    parts_.accounts.change_user(name, std::move(password), std::move(edit), then);
  }
  void remove_user(std::string_view name, bool owns_proxies, Consent<UserRecord> may,
                   Then<Done> then) override {
    const UserRecord* const user = parts_.accounts.by_name(name);
    const auto id = user ? user->id : 0;
    parts_.accounts.remove_user(name, owns_proxies, std::move(may),
                                [this, id, then](const Outcome<Done>& removed) {
                                  if (removed) parts_.keys.forget_user(id);
                                  then(removed);
                                });
  }
  void log_in(std::string name, std::string password, Then<std::string> then) override {
    parts_.accounts.log_in(name, std::move(password), then);
  }
  void log_out(std::string_view token) override { parts_.accounts.log_out(token); }
  [[nodiscard]] const UserRecord* by_session(std::string_view token) const override {
    return parts_.accounts.by_session(token);
  }
  [[nodiscard]] const UserRecord* by_api_key(std::string_view key) const override {
    return parts_.accounts.by_api_key(key);
  }
  [[nodiscard]] const UserRecord* by_name(std::string_view name) const override {
    return parts_.accounts.by_name(name);
  }
  [[nodiscard]] const UserRecord* by_id(std::int64_t id) const override {
    return parts_.accounts.by_id(id);
  }
  [[nodiscard]] const std::map<std::int64_t, UserRecord>& users() const override {
    return parts_.accounts.users();
  }

  void make_rotation_link(std::int64_t proxy, Then<std::string> then) override {
    parts_.links.make(proxy, then);
  }
  void revoke_rotation_link(std::int64_t proxy, Then<Done> then) override {
    parts_.links.revoke(proxy, then);
  }
  [[nodiscard]] std::optional<std::int64_t> proxy_of_link(std::string_view token) const override {
    return parts_.links.proxy_of(token);
  }

  void make_key(ApiKeys::Wanted wanted, Then<ApiKeys::Made> then) override {
    parts_.keys.make(wanted, then);
  }
  void revoke_key(std::int64_t id, Then<Done> then) override { parts_.keys.revoke(id, then); }
  [[nodiscard]] const ApiKeyRecord* named_key(std::string_view key) const override {
    return parts_.keys.find(key);
  }
  void note_key_use(std::int64_t id, WallSeconds now) override { parts_.keys.note_use(id, now); }
  [[nodiscard]] const std::map<std::int64_t, ApiKeyRecord>& keys() const override {
    return parts_.keys.all();
  }

  void add_dongle(DongleRecord dongle, Then<DongleRecord> then) override {
    parts_.farm.add_dongle(std::move(dongle), std::move(then));
  }
  void change_dongle(std::string_view name, Edit<DongleRecord> edit,
                     Then<DongleRecord> then) override {
    parts_.farm.change_dongle(name, std::move(edit), std::move(then));
  }
  void remove_dongle(std::string_view name, Consent<DongleRecord> may, Then<Done> then) override {
    parts_.farm.remove_dongle(name, std::move(may), std::move(then));
  }
  void add_proxy(ProxyRecord proxy, Then<ProxyRecord> then) override {
    parts_.farm.add_proxy(std::move(proxy), std::move(then));
  }
  void change_proxy(std::int64_t id, Edit<ProxyRecord> edit, Then<ProxyRecord> then) override {
    parts_.farm.change_proxy(id, std::move(edit), std::move(then));
  }
  void remove_proxy(std::int64_t id, Consent<ProxyRecord> may, Then<Done> then) override {
    parts_.farm.remove_proxy(id, std::move(may), std::move(then));
  }
  [[nodiscard]] const ProxyRecord* proxy(std::int64_t id) const override {
    return parts_.farm.proxy(id);
  }
  [[nodiscard]] const ProxyRecord* proxy_at_port(std::uint16_t port) const override {
    return parts_.farm.proxy_at_port(port);
  }
  [[nodiscard]] const DongleRecord* dongle(std::int64_t id) const override {
    return parts_.farm.dongle(id);
  }
  [[nodiscard]] const DongleRecord* dongle_by_name(std::string_view name) const override {
    return parts_.farm.dongle_by_name(name);
  }
  [[nodiscard]] std::vector<const ProxyRecord*> proxies() const override {
    return parts_.farm.proxies();
  }
  [[nodiscard]] std::vector<const DongleRecord*> dongles() const override {
    return parts_.farm.dongles();
  }
  [[nodiscard]] bool is_up(std::int64_t dongle) const override { return parts_.farm.is_up(dongle); }
  [[nodiscard]] DongleState state_of(std::int64_t dongle) const override {
    return parts_.farm.state_of(dongle);
  }
  [[nodiscard]] std::optional<SteadyTime> busy_since(std::int64_t dongle) const override {
    return parts_.farm.busy_since(dongle);
  }
  [[nodiscard]] std::optional<Quotas::Use> quota_use(std::int64_t proxy) const override {
    return parts_.farm.quota_use(proxy);
  }
  [[nodiscard]] std::string fingerprint_trouble(const ProxyRecord& proxy) const override {
    return parts_.farm.fingerprint_trouble(proxy);
  }
  void see_looks(std::int64_t proxy, std::optional<Address> target, Then<SeenLooks> then) override {
    parts_.farm.see_looks(proxy, target, std::move(then));
  }
  [[nodiscard]] std::optional<WallSeconds> next_rotation(std::int64_t proxy) const override {
    return parts_.farm.next_rotation(proxy);
  }
  [[nodiscard]] std::optional<WallSeconds> last_rotation(std::int64_t dongle) const override {
    return parts_.farm.last_rotation(dongle);
  }
  std::int64_t rotate(const RotationOrder& order, ThenOfJob<Rotated> then) override {
    return parts_.farm.rotate(order, std::move(then));
  }
  std::int64_t reboot(std::int64_t proxy, JobCause cause, ThenOfJob<Done> then) override {
    return parts_.farm.reboot(proxy, cause, std::move(then));
  }
  void when_jobs_are_kept(Then<Done> then) override { parts_.farm.jobs().when_kept(then); }
  void find_job(std::int64_t id, Then<std::optional<JobRecord>> then) override {
    parts_.farm.jobs().find(id, std::move(then));
  }
  void list_jobs(JobFilter filter, Then<std::vector<JobRecord>> then) override {
    parts_.farm.jobs().list(std::move(filter), std::move(then));
  }
  void addresses(const IpFilter& filter, WallSeconds since, Then<AddressHistory> then) override {
    parts_.farm.addresses(filter, since, std::move(then));
  }
  void external_ip(std::int64_t proxy, bool from_cache, Then<Farm::ExternalIp> then) override {
    parts_.farm.external_ip(proxy, from_cache, std::move(then));
  }

  void add_credential(CredentialRecord credential, Then<CredentialRecord> then) override {
    parts_.farm.add_credential(std::move(credential), std::move(then));
  }
  void change_credential(std::int64_t id, Edit<CredentialRecord> edit,
                         Then<CredentialRecord> then) override {
    parts_.farm.change_credential(id, std::move(edit), std::move(then));
  }
  void remove_credential(std::int64_t id, Consent<CredentialRecord> may, Then<Done> then) override {
    parts_.farm.remove_credential(id, std::move(may), std::move(then));
  }
  [[nodiscard]] const std::map<std::int64_t, CredentialRecord>& credentials() const override {
    return parts_.farm.credentials();
  }

  [[nodiscard]] Life::State life() const override { return parts_.life.state(); }
  Outcome<Done> upgrade() override { return parts_.life.upgrade(); }

  void report(std::int64_t proxy, WallSeconds from, WallSeconds till,
              Then<Usage::Sum> then) override {
    parts_.usage.report(proxy, from, till, std::move(then));
  }
  void back_up(const std::string& path, Then<Backups::Made> then) override {
    parts_.backups.make(path, std::move(then));
  }
  void export_all(bool with_traffic, Transfers::Write write, Then<std::string> then) override {
    parts_.transfers.export_all(with_traffic, std::move(write), then);
  }
  void import_all(Transfers::Read read, bool dry_run, Then<Transfers::Result> then) override {
    parts_.transfers.import_all(std::move(read), dry_run, then);
  }
  [[nodiscard]] unsigned targets_kept(const ProxyRecord& proxy) const override {
    return proxy.targets_kept.value_or(config_.usage.destinations);
  }
  void report_targets(std::int64_t proxy, std::int64_t first_day, std::int64_t last_day,
                      Then<TargetSummary> then) override {
    parts_.top_targets.report(proxy, first_day, last_day, then);
  }
  void forget_targets(std::int64_t proxy, Then<Done> then) override {
    parts_.top_targets.forget(proxy, then);
  }
  [[nodiscard]] std::string metrics() const override { return parts_.metrics.text(); }

 private:
  const Config& config_;
  Api::Parts parts_;
};

}  // namespace airlane::api
