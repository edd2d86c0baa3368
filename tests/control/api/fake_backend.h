// A control plane without modems and disks: three proxies, two customers, and answers that a test
// prepares. Like the real one it never calls a `then` inside the call that took it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/control/api/fake_targets.h"

namespace airlane::test {

class FakeBackend final : public FakeTargets {
 public:
  explicit FakeBackend(Loop& loop) : FakeTargets(loop) {
    user_rows[1] = {1, "alice", "hash", "alice-key", false, {}, true};
    user_rows[2] = {2, "bob", "hash", "bob-key", true, {}, true};
    dongle_rows = {{1,
                    "ten",
                    "wwan0",
                    "hilink",
                    Address::parse("192.168.8.1"),
                    "Wind",
                    {},
                    {*Address::parse("192.168.8.1", 53)},
                    {{"password", "x"}}},
                   {2, "eleven", "wwan1", "none", std::nullopt, "Vodafone", {}, {}, {}}};
    proxy_rows = {proxy_row(9042, 1, 1, 10142), proxy_row(9717, 1, 2, 20114),
                  proxy_row(123, 2, 1, 30001)};
    ProxyRecord& first = proxy_rows[0];
    first.comment = "Nothing is more useful than useless comment";
    first.in_use_from = from_unix(1653827385);
    first.in_use_till = from_unix(1665139195);
    first.ext_ip_upd_interval = "60-90";
    first.whitelist = {Cidr::of("203.0.113.200/32"), Cidr::of("198.51.100.0/24")};
    proxy_rows[1].ext_ip_upd_calendar = "weekly";
  }

  static ProxyRecord proxy_row(std::int64_t id, std::int64_t user, std::int64_t dongle,
                               std::uint16_t port) {
    ProxyRecord row;
    row.id = id;
    row.user = user;
    row.dongle = dongle;
    row.port = port;
    row.username = "johndoe";
    row.password = "EThohf9keaSa4h";
    return row;
  }

  std::map<std::int64_t, Quotas::Use> quota_uses;
  std::string seen_syn = "4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0";
  std::string fp_trouble;  // Of every proxy with a fingerprint.

  void add_user(std::string name, std::string password, bool admin,
                Then<UserRecord> then) override {
    if (by_name(name)) return fail(then, Failure::Kind::kConflict, "There is already a user.");
    const UserRecord row{3, std::move(name), std::move(password), "new-key", admin, {}, true};
    user_rows[3] = row;
    later(then, Outcome<UserRecord>(row));
  }
  void remove_user(std::string_view name, bool owns_proxies, Consent<UserRecord> may,
                   Then<Done> then) override {
    in_its_turn<Done>(then, [this, name = std::string(name), owns_proxies, may]() -> Outcome<Done> {
      if (!may(*by_name(name))) return withdrawn();
      if (owns_proxies) return Failure{Failure::Kind::kConflict, "The user owns proxies."};
      std::erase_if(user_rows, [&](const auto& row) { return row.second.name == name; });
      return Done{};
    });
  }
  void change_user(std::string_view name, std::optional<std::string> password,
                   Edit<UserRecord> edit, Then<UserRecord> then) override {
    in_its_turn<UserRecord>(
        then, [this, name = std::string(name), password, edit]() -> Outcome<UserRecord> {
          UserRecord row = *by_name(name);
          if (!edit(row)) return withdrawn();
          if (password) row.password_hash = *password;
          return user_rows[row.id] = row;
        });
  }
  void log_in(std::string name, std::string password, Then<std::string> then) override {
    if (name == "busy") return fail(then, Failure::Kind::kUnavailable, "Too many log-ins.");
    if (name == "alice" && password == "secret") {
      return later(then, Outcome<std::string>(std::string("alice-session")));
    }
    fail(then, Failure::Kind::kInvalid, "Invalid username/password.");
  }
  void log_out(std::string_view token) override { logged_out = token; }
  const UserRecord* by_session(std::string_view token) const override {
    if (logged_out == token) return nullptr;
    if (token == "bob-session") return by_name("bob");
    return token == "alice-session" ? by_name("alice") : nullptr;
  }
  const UserRecord* by_api_key(std::string_view key) const override {
    return find_user([&](const UserRecord& user) { return user.api_key == key; });
  }
  const UserRecord* by_name(std::string_view name) const override {
    return find_user([&](const UserRecord& user) { return user.name == name; });
  }
  const UserRecord* by_id(std::int64_t id) const override {
    return find_user([&](const UserRecord& user) { return user.id == id; });
  }
  const std::map<std::int64_t, UserRecord>& users() const override { return user_rows; }

  void add_credential(CredentialRecord credential, Then<CredentialRecord> then) override {
    for (const auto& [id, row] : credential_rows) {
      if (row.proxy == credential.proxy && row.name == credential.name) {
        return fail(then, Failure::Kind::kConflict, "The name already logs in.");
      }
    }
    credential.id = 50 + static_cast<std::int64_t>(credential_rows.size());
    credential_rows[credential.id] = credential;
    later(then, Outcome<CredentialRecord>(credential));
  }
  void change_credential(std::int64_t id, Edit<CredentialRecord> edit,
                         Then<CredentialRecord> then) override {
    in_its_turn<CredentialRecord>(then, [this, id, edit]() -> Outcome<CredentialRecord> {
      CredentialRecord changed = credential_rows.at(id);
      if (!edit(changed)) return withdrawn();
      return credential_rows[id] = changed;
    });
  }
  void remove_credential(std::int64_t id, Consent<CredentialRecord> may, Then<Done> then) override {
    in_its_turn<Done>(then, [this, id, may]() -> Outcome<Done> {
      if (!may(credential_rows.at(id))) return withdrawn();
      credential_rows.erase(id);
      return Done{};
    });
  }
  const std::map<std::int64_t, CredentialRecord>& credentials() const override {
    return credential_rows;
  }
  std::map<std::int64_t, CredentialRecord> credential_rows;

  void make_rotation_link(std::int64_t proxy, Then<std::string> then) override {
    std::erase_if(links, [&](const auto& link) { return link.second == proxy; });
    const std::string token = "token-" + std::to_string(++links_made);
    links[token] = proxy;
    later(then, Outcome<std::string>(token));
  }
  void revoke_rotation_link(std::int64_t proxy, Then<Done> then) override {
    std::erase_if(links, [&](const auto& link) { return link.second == proxy; });
    later(then, Outcome<Done>(Done{}));
  }
  std::optional<std::int64_t> proxy_of_link(std::string_view token) const override {
    const auto found = links.find(std::string(token));
    return found == links.end() ? std::nullopt : std::optional(found->second);
  }

  // Named keys: "key-1" and so on.
  void make_key(ApiKeys::Wanted wanted, Then<ApiKeys::Made> then) override {
    const auto id = static_cast<std::int64_t>(key_rows.size()) + 1;
    const ApiKeyRecord row{id,
                           wanted.user,
                           wanted.name,
                           "key-" + std::to_string(id),
                           wanted.scopes.to_string(),
                           from_unix(1598300000),
                           wanted.expires,
                           {}};
    key_rows[id] = row;
    later(then, Outcome<ApiKeys::Made>(ApiKeys::Made{row, row.key_hash}));
  }
  void revoke_key(std::int64_t id, Then<Done> then) override {
    if (key_rows.erase(id) == 0) return fail(then, Failure::Kind::kNotFound, "There is no key.");
    later(then, Outcome<Done>(Done{}));
  }
  const ApiKeyRecord* named_key(std::string_view key) const override {
    for (const auto& [id, row] : key_rows) {
      if (row.key_hash == key) return &row;
    }
    return nullptr;
  }
  void note_key_use(std::int64_t id, WallSeconds now) override { key_rows.at(id).last_used = now; }
  const std::map<std::int64_t, ApiKeyRecord>& keys() const override { return key_rows; }

  void add_dongle(DongleRecord dongle, Then<DongleRecord> then) override {
    dongle.id = 3;
    dongle_rows.push_back(dongle);
    later(then, Outcome<DongleRecord>(dongle));
  }
  void change_dongle(std::string_view name, Edit<DongleRecord> edit,
                     Then<DongleRecord> then) override {
    in_its_turn<DongleRecord>(then, [this, id = dongle_by_name(name)->id, edit] {
      return change(dongle_rows, id, edit);
    });
  }
  void remove_dongle(std::string_view name, Consent<DongleRecord> may, Then<Done> then) override {
    in_its_turn<Done>(then, [this, name = std::string(name), may]() -> Outcome<Done> {
      if (!may(*dongle_by_name(name))) return withdrawn();
      return Failure{Failure::Kind::kConflict, "Proxies use it."};
    });
  }
  void add_proxy(ProxyRecord proxy, Then<ProxyRecord> then) override {
    proxy.id = 9999;
    proxy_rows.push_back(proxy);
    later(then, Outcome<ProxyRecord>(proxy));
  }
  void change_proxy(std::int64_t id, Edit<ProxyRecord> edit, Then<ProxyRecord> then) override {
    in_its_turn<ProxyRecord>(then, [this, id, edit] {
      auto changed = change(proxy_rows, id, edit);
      if (changed) ++changes;
      return changed;
    });
  }
  void remove_proxy(std::int64_t id, Consent<ProxyRecord> may, Then<Done> then) override {
    in_its_turn<Done>(then, [this, id, may]() -> Outcome<Done> {
      if (!may(*proxy(id))) return withdrawn();
      std::erase_if(proxy_rows, [&](const ProxyRecord& row) { return row.id == id; });
      return Done{};
    });
  }
  const ProxyRecord* proxy(std::int64_t id) const override {
    return find(proxy_rows, [&](const ProxyRecord& row) { return row.id == id; });
  }
  const ProxyRecord* proxy_at_port(std::uint16_t port) const override {
    return find(proxy_rows, [&](const ProxyRecord& row) { return row.port == port; });
  }
  const DongleRecord* dongle(std::int64_t id) const override {
    return find(dongle_rows, [&](const DongleRecord& row) { return row.id == id; });
  }
  const DongleRecord* dongle_by_name(std::string_view name) const override {
    return find(dongle_rows, [&](const DongleRecord& row) { return row.name == name; });
  }
  std::vector<const ProxyRecord*> proxies() const override { return pointers(proxy_rows); }
  std::vector<const DongleRecord*> dongles() const override { return pointers(dongle_rows); }
  bool is_up(std::int64_t) const override { return true; }
  DongleState state_of(std::int64_t) const override { return dongle_state; }
  std::optional<SteadyTime> busy_since(std::int64_t dongle) const override {
    const auto found = busy.find(dongle);
    return found == busy.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<Quotas::Use> quota_use(std::int64_t id) const override {
    const auto found = quota_uses.find(id);
    return found == quota_uses.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::string fingerprint_trouble(const ProxyRecord& proxy) const override {
    return proxy.fp.empty() ? std::string() : fp_trouble;
  }
  void see_looks(std::int64_t id, std::optional<Address> target, Then<SeenLooks> then) override {
    if (!proxy(id)) return fail(then, Failure::Kind::kNotFound, "There is no such proxy.");
    if (!fp_trouble.empty()) return fail(then, Failure::Kind::kUnavailable, fp_trouble);
    later(then, Outcome<SeenLooks>(SeenLooks{target.value_or(*Address::parse("192.168.8.1", 53)),
                                             seen_syn, true}));
  }
  std::optional<WallSeconds> next_rotation(std::int64_t proxy) const override {
    return proxy == 9042 ? std::optional(from_unix(1'790'000'000)) : std::nullopt;
  }
  std::optional<WallSeconds> last_rotation(std::int64_t dongle) const override {
    return dongle == 1 ? std::optional(from_unix(1'780'000'000)) : std::nullopt;
  }
  // Every order is a job, the first of which is 17.
  std::int64_t rotate(const RotationOrder& order, ThenOfJob<Rotated> then) override {
    log.push_back("rotate " + std::to_string(order.proxy));
    ordered.push_back(order);
    const auto job = ++last_job;
    const Then<Rotated> ended = [then, job](auto outcome) { then(job, std::move(outcome)); };
    if (hold_rotations) {
      held_rotations.push_back(ended);
    } else {
      later(ended, rotation);
    }
    return job;
  }
  std::int64_t reboot(std::int64_t id, JobCause, ThenOfJob<Done> then) override {
    log.push_back("reboot " + std::to_string(id));
    const auto job = ++last_job;
    const Then<Done> taken = [then, job](auto outcome) { then(job, outcome); };
    later(taken, reboot_answer);
    return job;
  }
  void when_jobs_are_kept(Then<Done> then) override { later(then, Outcome<Done>(Done{})); }
  void find_job(std::int64_t id, Then<std::optional<JobRecord>> then) override {
    const auto* const job = find(job_rows, [&](const JobRecord& row) { return row.id == id; });
    later(then, Outcome<std::optional<JobRecord>>(job ? std::optional(*job) : std::nullopt));
  }
  void list_jobs(JobFilter filter, Then<std::vector<JobRecord>> then) override {
    std::vector<JobRecord> rows;
    for (const JobRecord& row : job_rows) {
      if (filter.proxy.value_or(row.proxy) != row.proxy) continue;
      if (filter.user.value_or(row.user) != row.user) continue;
      if (filter.dongle.value_or(row.dongle) != row.dongle) continue;
      if (filter.state.value_or(row.state) != row.state) continue;
      if (row.id >= filter.before.value_or(row.id + 1)) continue;
      if (static_cast<std::int64_t>(rows.size()) < filter.limit) rows.push_back(row);
    }
    later(then, Outcome<std::vector<JobRecord>>(rows));
  }
  void addresses(const IpFilter& filter, WallSeconds since, Then<AddressHistory> then) override {
    asked_history.push_back(filter);
    asked_unique = since;
    later(then, Outcome<AddressHistory>(history));
  }
  void external_ip(std::int64_t id, bool from_cache, Then<Farm::ExternalIp> then) override {
    log.push_back("external_ip " + std::to_string(id) + (from_cache ? " cached" : " fresh"));
    later(then, external);
  }
  [[nodiscard]] std::string metrics() const override { return "airlane_lanes 3\n"; }
  [[nodiscard]] Life::State life() const override { return life_state; }
  Outcome<Done> upgrade() override {
    if (!upgrade_refusal.empty()) return Failure{Failure::Kind::kConflict, upgrade_refusal};
    life_state.upgrade = Life::State::Upgrade::kRunning;
    return Done{};
  }

  void report(std::int64_t, WallSeconds from, WallSeconds till, Then<Usage::Sum> then) override {
    asked_from = from;
    asked_till = till;
    later(then, sum);
  }

  std::map<std::int64_t, UserRecord> user_rows;
  std::vector<DongleRecord> dongle_rows;
  std::vector<ProxyRecord> proxy_rows;
  std::map<std::int64_t, SteadyTime> busy;
  Outcome<Rotated> rotation{Rotated{"203.0.113.80", "203.0.113.177"}};
  Outcome<Done> reboot_answer{Done{}};
  Outcome<Farm::ExternalIp> external{Farm::ExternalIp{"203.0.113.183", false}};
  Outcome<Usage::Sum> sum{Usage::Sum{}};
  WallSeconds asked_from;
  WallSeconds asked_till;
  bool hold_rotations = false;
  std::vector<Then<Rotated>> held_rotations;
  bool hold_changes = false;
  std::vector<std::function<void()>> held_changes;
  void let_changes_go() {
    hold_changes = false;
    for (const auto& turn : std::exchange(held_changes, {})) turn();
  }
  DongleState dongle_state = DongleState::kUp;  // Of each.
  std::vector<RotationOrder> ordered;
  std::int64_t last_job = 16;
  std::vector<JobRecord> job_rows;  // The newest first.
  AddressHistory history;
  std::vector<IpFilter> asked_history;
  WallSeconds asked_unique;
  Life::State life_state{.pid = 4711, .version = "1.2.3"};
  std::string upgrade_refusal;
  int changes = 0;
  std::map<std::string, std::int64_t> links;
  std::map<std::int64_t, ApiKeyRecord> key_rows;
  int links_made = 0;
  std::string logged_out;

 private:
  // Like the real one: a later turn of the loop than the call, and asked only then.
  template <class T, class Change>
  void in_its_turn(Then<T> then, Change change) {
    auto turn = [then, change] { then(change()); };
    if (hold_changes) return held_changes.push_back(turn);
    loop_.post(turn);
  }
  template <class Row>
  static Outcome<Row> change(std::vector<Row>& rows, std::int64_t id, const Edit<Row>& edit) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.id == id; });
    if (row == rows.end()) return Failure{Failure::Kind::kNotFound, "It is gone."};
    Row changed = *row;
    if (!edit(changed)) return withdrawn();
    return *row = changed;
  }
  template <class T>
  void fail(Then<T> then, Failure::Kind kind, std::string text) {
    later(then, Outcome<T>(Failure{kind, std::move(text)}));
  }
  template <class Row, class Test>
  static const Row* find(const std::vector<Row>& rows, Test test) {
    const auto found = std::find_if(rows.begin(), rows.end(), test);
    return found == rows.end() ? nullptr : &*found;
  }
  template <class Test>
  const UserRecord* find_user(Test test) const {
    for (const auto& [id, user] : user_rows) {
      if (test(user)) return &user;
    }
    return nullptr;
  }
  template <class Row>
  static std::vector<const Row*> pointers(const std::vector<Row>& rows) {
    std::vector<const Row*> all;
    for (const Row& row : rows) all.push_back(&row);
    return all;
  }
};

}  // namespace airlane::test
