// The farm's changes of extra credentials; see farm_changes.cc.
#include <algorithm>
#include <utility>

#include "control/checks.h"
#include "control/farm.h"
#include "control/farm_change.h"
#include "control/then.h"

namespace airlane {
namespace {

Failure conflict(std::string text) { return {Failure::Kind::kConflict, std::move(text)}; }

Failure no_such_credential(std::int64_t id) {
  return {Failure::Kind::kNotFound, "There is no credential " + std::to_string(id) + "."};
}

}  // namespace

// One log-in is one account.
Outcome<Done> Farm::check_name_of(const CredentialRecord& credential) const {
  if (auto good = check(credential); !good) return good;
  const auto* proxy = this->proxy(credential.proxy);
  if (proxy == nullptr) return no_such_proxy(credential.proxy);
  unsigned others = 0;
  bool taken = proxy->username == credential.name;
  for (const auto& [id, other] : credentials_) {
    if (other.proxy != credential.proxy || id == credential.id) continue;
    ++others;
    taken |= other.name == credential.name;
  }
  if (taken) {
    return conflict("The name " + credential.name + " already logs in at proxy " +
                    std::to_string(credential.proxy) + ".");
  }
  if (others >= config_.limits.credentials) {
    return conflict("Proxy " + std::to_string(credential.proxy) + " has " + std::to_string(others) +
                    " credentials, as many as limits.credentials allows.");
  }
  return Done{};
}

Outcome<Done> Farm::check_username(const ProxyRecord& proxy) const {
  for (const auto& [id, credential] : credentials_) {
    if (credential.proxy != proxy.id || credential.name != proxy.username) continue;
    return conflict("The name " + credential.name + " is that of a credential of proxy " +
                    std::to_string(proxy.id) + ".");
  }
  return Done{};
}

void Farm::add_credential(CredentialRecord credential, Then<CredentialRecord> then) {
  credential.id = 0;
  change<CredentialRecord>(std::move(then), [this, credential](const Then<CredentialRecord>& done) {
    if (const auto good = check_name_of(credential); !good) {
      return done(good.error());
    }
    insert(credential, done);
  });
}

void Farm::insert(CredentialRecord credential, const Then<CredentialRecord>& then) {
  const auto row = rows_.take();
  if (!row) return then(conflict("Every row of the counter file is in use; see limits.proxies."));
  credential.counter_row = *row;
  const auto work = [credential](Database& database) {
    return credentials::insert(database, credential);
  };
  const auto written = [this, credential, then](Outcome<std::int64_t> id) mutable {
    if (!id) {
      rows_.give_back(credential.counter_row);
      return then(id.error());
    }
    credential.id = *id;
    rows_.own(credential.counter_row, credential.owner());
    credentials_.emplace(credential.id, credential);
    quotas_.follow(credential);
    publish_and_tell(then, credential);
  };
  store_.write(work, written, control_);
}

void Farm::change_credential(std::int64_t id, Edit<CredentialRecord> edit,
                             Then<CredentialRecord> then) {
  const auto work = [this, id, edit = std::move(edit)](const Then<CredentialRecord>& done) {
    const auto before = credentials_.find(id);
    if (before == credentials_.end()) return done(no_such_credential(id));
    CredentialRecord credential = before->second;
    if (!edit(credential)) return done(withdrawn());
    credential.id = id;
    credential.proxy = before->second.proxy;
    credential.counter_row = before->second.counter_row;
    if (const auto good = check_name_of(credential); !good) return done(good.error());
    update(credential, done);
  };
  change<CredentialRecord>(std::move(then), work);
}

void Farm::update(const CredentialRecord& credential, const Then<CredentialRecord>& then) {
  const auto work = [credential](Database& database) {
    return credentials::update(database, credential);
  };
  const auto written = [this, credential, then](const Outcome<Done>& updated) {
    if (!updated) return then(updated.error());
    credentials_[credential.id] = credential;
    quotas_.follow(credential);
    publish_and_tell(then, credential);
  };
  store_.write(work, written, control_);
}

void Farm::remove_credential(std::int64_t id, Consent<CredentialRecord> may, Then<Done> then) {
  change<Done>(std::move(then), [this, id, may = std::move(may)](const Then<Done>& done) {
    const auto found = credentials_.find(id);
    if (found == credentials_.end()) return done(no_such_credential(id));
    if (!may(found->second)) return done(withdrawn());
    const auto work = [id](Database& database) { return credentials::remove(database, id); };
    const auto written = [this, id, done](const Outcome<Done>& removed) {
      if (!removed) return done(removed);
      const auto credential = credentials_.find(id);
      rows_.give_back(credential->second.counter_row);
      quotas_.forget(credential->second.owner());
      credentials_.erase(credential);
      publish_and_tell(done, Done{});
    };
    store_.write(work, written, control_);
  });
}

// The database has forgotten them with their proxy.
void Farm::forget_credentials_of(std::int64_t proxy) {
  std::erase_if(credentials_, [&](const auto& item) {
    const auto& credential = item.second;
    if (credential.proxy != proxy) return false;
    rows_.give_back(credential.counter_row);
    quotas_.forget(credential.owner());
    return true;
  });
}

}  // namespace airlane
