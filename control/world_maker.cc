#include "control/world_maker.h"

#include <utility>

#include "control/checks.h"
#include "control/limits.h"
#include "proxy/credential_use.h"

namespace airlane {
namespace {

// A proxy keeps its gate, and with it what is in use of its limits, whatever else changes.
std::shared_ptr<Gate> gate_of(const ProxyRecord& proxy, const ProxyPort* before) {
  return before && before->id == proxy.id ? before->gate : std::make_shared<Gate>();
}

// What a proxy and a credential have in common.
template <class Record>
void tell(Account& account, const Record& record, Limits limits) {
  account.password = record.password;
  account.whitelist = record.whitelist;
  account.whitelist_mode =
      whitelist_mode_of(record.whitelist_mode).value_or(WhitelistMode::kRestrict);
  account.in_use_from = record.in_use_from;
  account.in_use_till = record.in_use_till;
  account.counter_row = record.counter_row;
  account.limits = std::move(limits);
}

// A proxy without the looks that it should have has no dongle that anybody knows.
ProxyPort port_of(const ProxyRecord& proxy, const ProxyPort* before, Limits limits,
                  const std::optional<Looks>& looks) {
  ProxyPort port;
  tell(port, proxy, std::move(limits));
  port.id = proxy.id;
  port.username = proxy.username;
  port.gate = gate_of(proxy, before);
  port.port = proxy.port;
  port.dongle = looks ? proxy.dongle : 0;
  port.looks = looks.value_or(Looks());
  return port;
}

}  // namespace

Limits proxy_limits(const Config& config) {
  return {.connections = config.limits.connections_per_proxy,
          .connections_per_source = config.limits.connections_per_source,
          .new_per_second = config.limits.new_per_second,
          .upload_bytes_per_second = config.limits.upload,
          .download_bytes_per_second = config.limits.download};
}

WorldMaker::WorldMaker(Limits limits, std::shared_ptr<const World> before, LimitsOf limits_of,
                       LooksOf looks_of, LimitsOfCredential limits_of_credential,
                       unsigned targets_kept)
    : limits_(std::move(limits)),
      limits_of_(std::move(limits_of)),
      looks_of_(std::move(looks_of)),
      limits_of_credential_(std::move(limits_of_credential)),
      targets_kept_(targets_kept),
      last_(before ? std::move(before) : std::make_shared<const World>()) {}

// One that is switched off is as if it were not there.
WorldMaker::Accounts WorldMaker::accounts_of(
    const std::vector<const CredentialRecord*>& credentials, const ProxyPort* before) const {
  Accounts accounts;
  for (const auto* record : credentials) {
    if (!record->enabled) continue;
    const auto known = before ? credential_of(*before, record->owner()) : nullptr;
    Account account;
    tell(account, *record,
         limits_of_credential_ ? limits_of_credential_(*record) : limits_of(record->limits, {}));
    account.id = record->owner();
    account.username = record->name;
    if (known) account.gate = known->gate;
    accounts.push_back(
        known && *known == account ? known : std::make_shared<const Account>(std::move(account)));
  }
  return accounts;
}

std::shared_ptr<const World> WorldMaker::make(const std::map<std::int64_t, ProxyRecord>& proxies,
                                              Egresses egresses, Destinations destinations,
                                              std::shared_ptr<const TlsServerContext> tls,
                                              const Credentials& credentials) {
  std::map<std::int64_t, std::vector<const CredentialRecord*>> of_proxy;
  for (const auto& [id, credential] : credentials)
    of_proxy[credential.proxy].push_back(&credential);
  auto world = std::make_shared<World>();
  for (const auto& [id, proxy] : proxies) {
    const auto found = last_->ports.find(proxy.port);
    const auto before = found == last_->ports.end() ? nullptr : found->second;
    auto port = port_of(proxy, before.get(), limits_of_ ? limits_of_(proxy, limits_) : limits_,
                        looks_of_ ? looks_of_(proxy) : Looks());
    port.targets_kept = proxy.targets_kept.value_or(targets_kept_);
    if (const auto own = of_proxy.find(id); own != of_proxy.end()) {
      const bool same = before && before->id == id;
      port.credentials = accounts_of(own->second, same ? before.get() : nullptr);
    }
    world->ports[proxy.port] =
        before && *before == port ? before : std::make_shared<const ProxyPort>(std::move(port));
  }
  world->egresses = std::move(egresses);
  world->destinations = last_->destinations && *last_->destinations == destinations
                            ? last_->destinations
                            : std::make_shared<const Destinations>(std::move(destinations));
  world->tls = std::move(tls);
  last_ = world;
  return world;
}

}  // namespace airlane
