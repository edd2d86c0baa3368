// The Backend that the server runs with: passes every call on. Owned by Api; control thread only.
#pragma once

#include <utility>

#include "control/api/backend.h"
#include "control/api_keys.h"
#include "control/metrics.h"
#include "control/rotation_links.h"

namespace airlane::api {

class LiveBackend final : public Backend {
 public:
  LiveBackend(Accounts& accounts, RotationLinks& links, ApiKeys& keys, Farm& farm, Usage& usage,
              const Metrics& metrics, Life& life, Backups& backups, Transfers& transfers)
      : accounts_(accounts),
        links_(links),
        keys_(keys),
        farm_(farm),
        usage_(usage),
        metrics_(metrics),
        life_(life),
        backups_(backups),
        transfers_(transfers) {}

  void add_user(std::string name, std::string password, bool admin,
                Then<UserRecord> then) override {
    accounts_.add_user(std::move(name), std::move(password), admin, then);
  }
  void change_user(std::string_view name, std::optional<std::string> password,
                   Edit<UserRecord> edit, Then<UserRecord> then) override {
    accounts_.change_user(name, std::move(password), std::move(edit), then);
  }
  void remove_user(std::string_view name, bool owns_proxies, Consent<UserRecord> may,
                   Then<Done> then) override {
    const UserRecord* const user = accounts_.by_name(name);
    const auto id = user ? user->id : 0;
    accounts_.remove_user(name, owns_proxies, std::move(may),
                          [this, id, then](const Outcome<Done>& removed) {
                            if (removed) keys_.forget_user(id);
                            then(removed);
                          });
  }
  void log_in(std::string name, std::string password, Then<std::string> then) override {
    accounts_.log_in(name, std::move(password), then);
  }
  void log_out(std::string_view token) override { accounts_.log_out(token); }
  [[nodiscard]] const UserRecord* by_session(std::string_view token) const override {
    return accounts_.by_session(token);
  }
  [[nodiscard]] const UserRecord* by_api_key(std::string_view key) const override {
    return accounts_.by_api_key(key);
  }
  [[nodiscard]] const UserRecord* by_name(std::string_view name) const override {
    return accounts_.by_name(name);
  }
  [[nodiscard]] const UserRecord* by_id(std::int64_t id) const override {
    return accounts_.by_id(id);
  }
  [[nodiscard]] const std::map<std::int64_t, UserRecord>& users() const override {
    return accounts_.users();
  }

  void make_rotation_link(std::int64_t proxy, Then<std::string> then) override {
    links_.make(proxy, then);
  }
  void revoke_rotation_link(std::int64_t proxy, Then<Done> then) override {
    links_.revoke(proxy, then);
  }
  [[nodiscard]] std::optional<std::int64_t> proxy_of_link(std::string_view token) const override {
    return links_.proxy_of(token);
  }

  void make_key(ApiKeys::Wanted wanted, Then<ApiKeys::Made> then) override {
    keys_.make(wanted, then);
  }
  void revoke_key(std::int64_t id, Then<Done> then) override { keys_.revoke(id, then); }
  [[nodiscard]] const ApiKeyRecord* named_key(std::string_view key) const override {
    return keys_.find(key);
  }
  void note_key_use(std::int64_t id, WallSeconds now) override { keys_.note_use(id, now); }
  [[nodiscard]] const std::map<std::int64_t, ApiKeyRecord>& keys() const override {
    return keys_.all();
  }

  void add_dongle(DongleRecord dongle, Then<DongleRecord> then) override {
    farm_.add_dongle(std::move(dongle), std::move(then));
  }
  void change_dongle(std::string_view name, Edit<DongleRecord> edit,
                     Then<DongleRecord> then) override {
    farm_.change_dongle(name, std::move(edit), std::move(then));
  }
  void remove_dongle(std::string_view name, Consent<DongleRecord> may, Then<Done> then) override {
    farm_.remove_dongle(name, std::move(may), std::move(then));
  }
  void add_proxy(ProxyRecord proxy, Then<ProxyRecord> then) override {
    farm_.add_proxy(std::move(proxy), std::move(then));
  }
  void change_proxy(std::int64_t id, Edit<ProxyRecord> edit, Then<ProxyRecord> then) override {
    farm_.change_proxy(id, std::move(edit), std::move(then));
  }
  void remove_proxy(std::int64_t id, Consent<ProxyRecord> may, Then<Done> then) override {
    farm_.remove_proxy(id, std::move(may), std::move(then));
  }
  [[nodiscard]] const ProxyRecord* proxy(std::int64_t id) const override { return farm_.proxy(id); }
  [[nodiscard]] const ProxyRecord* proxy_at_port(std::uint16_t port) const override {
    return farm_.proxy_at_port(port);
  }
  [[nodiscard]] const DongleRecord* dongle(std::int64_t id) const override {
    return farm_.dongle(id);
  }
  [[nodiscard]] const DongleRecord* dongle_by_name(std::string_view name) const override {
    return farm_.dongle_by_name(name);
  }
  [[nodiscard]] std::vector<const ProxyRecord*> proxies() const override { return farm_.proxies(); }
  [[nodiscard]] std::vector<const DongleRecord*> dongles() const override {
    return farm_.dongles();
  }
  [[nodiscard]] bool is_up(std::int64_t dongle) const override { return farm_.is_up(dongle); }
  [[nodiscard]] DongleState state_of(std::int64_t dongle) const override {
    return farm_.state_of(dongle);
  }
  [[nodiscard]] std::optional<SteadyTime> busy_since(std::int64_t dongle) const override {
    return farm_.busy_since(dongle);
  }
  [[nodiscard]] std::optional<Quotas::Use> quota_use(std::int64_t proxy) const override {
    return farm_.quota_use(proxy);
  }
  [[nodiscard]] std::string fingerprint_trouble(const ProxyRecord& proxy) const override {
    return farm_.fingerprint_trouble(proxy);
  }
  void see_looks(std::int64_t proxy, std::optional<Address> target, Then<SeenLooks> then) override {
    farm_.see_looks(proxy, target, std::move(then));
  }
  [[nodiscard]] std::optional<WallSeconds> next_rotation(std::int64_t proxy) const override {
    return farm_.next_rotation(proxy);
  }
  [[nodiscard]] std::optional<WallSeconds> last_rotation(std::int64_t dongle) const override {
    return farm_.last_rotation(dongle);
  }
  std::int64_t rotate(const RotationOrder& order, ThenOfJob<Rotated> then) override {
    return farm_.rotate(order, std::move(then));
  }
  std::int64_t reboot(std::int64_t proxy, JobCause cause, ThenOfJob<Done> then) override {
    return farm_.reboot(proxy, cause, std::move(then));
  }
  void when_jobs_are_kept(Then<Done> then) override { farm_.jobs().when_kept(then); }
  void find_job(std::int64_t id, Then<std::optional<JobRecord>> then) override {
    farm_.jobs().find(id, std::move(then));
  }
  void list_jobs(JobFilter filter, Then<std::vector<JobRecord>> then) override {
    farm_.jobs().list(std::move(filter), std::move(then));
  }
  void addresses(const IpFilter& filter, WallSeconds since, Then<AddressHistory> then) override {
    farm_.addresses(filter, since, std::move(then));
  }
  void external_ip(std::int64_t proxy, bool from_cache, Then<Farm::ExternalIp> then) override {
    farm_.external_ip(proxy, from_cache, std::move(then));
  }

  void add_credential(CredentialRecord credential, Then<CredentialRecord> then) override {
    farm_.add_credential(std::move(credential), std::move(then));
  }
  void change_credential(std::int64_t id, Edit<CredentialRecord> edit,
                         Then<CredentialRecord> then) override {
    farm_.change_credential(id, std::move(edit), std::move(then));
  }
  void remove_credential(std::int64_t id, Consent<CredentialRecord> may, Then<Done> then) override {
    farm_.remove_credential(id, std::move(may), std::move(then));
  }
  [[nodiscard]] const std::map<std::int64_t, CredentialRecord>& credentials() const override {
    return farm_.credentials();
  }

  [[nodiscard]] Life::State life() const override { return life_.state(); }
  Outcome<Done> upgrade() override { return life_.upgrade(); }

  void report(std::int64_t proxy, WallSeconds from, WallSeconds till,
              Then<Usage::Sum> then) override {
    usage_.report(proxy, from, till, std::move(then));
  }
  void back_up(const std::string& path, Then<Backups::Made> then) override {
    backups_.make(path, std::move(then));
  }
  void export_all(bool with_traffic, Transfers::Write write, Then<std::string> then) override {
    transfers_.export_all(with_traffic, std::move(write), then);
  }
  void import_all(Transfers::Read read, bool dry_run, Then<Transfers::Result> then) override {
    transfers_.import_all(std::move(read), dry_run, then);
  }
  [[nodiscard]] std::string metrics() const override { return metrics_.text(); }

 private:
  Accounts& accounts_;
  RotationLinks& links_;
  ApiKeys& keys_;
  Farm& farm_;
  Usage& usage_;
  const Metrics& metrics_;
  Life& life_;
  Backups& backups_;
  Transfers& transfers_;
};

}  // namespace airlane::api
