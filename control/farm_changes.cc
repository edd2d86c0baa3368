// The farm's changes: each is checked, written, and then made true.
#include <set>
#include <utility>

#include "base/log.h"
#include "control/checks.h"
#include "control/farm.h"
#include "control/farm_change.h"
#include "control/then.h"

namespace airlane {
namespace {

Failure conflict(std::string text) { return {Failure::Kind::kConflict, std::move(text)}; }

Failure no_such_dongle(std::string_view name) {
  return {Failure::Kind::kNotFound, "There is no dongle " + log::printable(name) + "."};
}

}  // namespace

void Farm::add_dongle(DongleRecord dongle, Then<DongleRecord> then) {
  dongle.id = 0;
  dongle.created = wall_now();
  change<DongleRecord>(std::move(then), [this, dongle](const Then<DongleRecord>& done) {
    if (const auto good = check_among_others(dongle); !good) return done(good.error());
    insert(dongle, done);
  });
}

Outcome<Done> Farm::check_among_others(const DongleRecord& dongle) const {
  if (auto good = check(dongle); !good) return good;
  for (const auto& [id, other] : dongles_) {
    if (id == dongle.id) continue;
    if (other.name == dongle.name) {
      return conflict("There is already a dongle " + dongle.name + ".");
    }
    if (other.interface == dongle.interface) {
      return conflict("Interface " + dongle.interface + " already belongs to dongle " + other.name +
                      ".");
    }
  }
  return Done{};
}

void Farm::insert(DongleRecord dongle, const Then<DongleRecord>& then) {
  const auto work = [dongle](Database& database) { return dongles::insert(database, dongle); };
  const auto written = [this, dongle, then](Outcome<std::int64_t> id) mutable {
    if (!id) return then(id.error());
    dongle.id = *id;
    bring_up(dongle, then);
  };
  store_.write(work, written, control_);
}

// A dongle that the kernel could not be made to keep apart must not stay, or it would be there,
// and leak, after the next start.
void Farm::bring_up(const DongleRecord& dongle, const Then<DongleRecord>& then) {
  auto added = egresses_.add(dongle);
  if (added) added = modems_.add(dongle);
  if (added) {
    dongles_.emplace(dongle.id, dongle);
    return publish_and_tell(then, dongle);
  }
  egresses_.remove(dongle.id);
  const auto work = [id = dongle.id](Database& database) { return dongles::remove(database, id); };
  const auto written = [then, failure = added.error()](const Outcome<Done>&) { then(failure); };
  store_.write(work, written, control_);
}

void Farm::change_dongle(std::string_view name, Edit<DongleRecord> edit, Then<DongleRecord> then) {
  const auto work = [this, name = std::string(name),
                     edit = std::move(edit)](const Then<DongleRecord>& done) {
    const auto* found = dongle_by_name(name);
    if (found == nullptr) return done(no_such_dongle(name));
    const DongleRecord before = *found;
    DongleRecord after = before;
    if (!edit(after)) return done(withdrawn());
    after.id = before.id;
    after.name = before.name;
    if (after == before) return done(after);
    if (const auto good = check_change(before, after); !good) return done(good.error());
    update(before, after, done);
  };
  change<DongleRecord>(std::move(then), work);
}

Outcome<Done> Farm::check_change(const DongleRecord& before, const DongleRecord& after) const {
  if (auto good = check_among_others(after); !good) return good;
  DongleRecord as_before = after;
  as_before.isp = before.isp;
  if (as_before == before || modems_.activity(before.id) == Dongle::Activity::kNone) return Done{};
  return conflict("Dongle " + before.name +
                  " is rotating or rebooting; try again when it is over.");
}

void Farm::update(const DongleRecord& before, const DongleRecord& after,
                  const Then<DongleRecord>& then) {
  const auto work = [after](Database& database) { return dongles::update(database, after); };
  const auto written = [this, before, after, then](const Outcome<Done>& updated) {
    if (!updated) return then(updated.error());
    if (const auto rebuilt = rebuild(before, after); !rebuilt) {
      const auto back = [before](Database& database) { return dongles::update(database, before); };
      const auto told = [then, failure = rebuilt.error()](const Outcome<Done>&) { then(failure); };
      return store_.write(back, told, control_);
    }
    dongles_[after.id] = after;
    publish_and_tell(then, after);
  };
  store_.write(work, written, control_);
}

// The modem's thread is another one when it has something else to talk to, or by another way.
Outcome<Done> Farm::rebuild(const DongleRecord& before, const DongleRecord& after) {
  const bool is_another_way = before.interface != after.interface ||
                              before.gateway != after.gateway || before.dns != after.dns;
  if (!is_another_way && before.driver == after.driver && before.options == after.options) {
    return Done{};
  }
  auto changed = is_another_way ? egresses_.change(after) : Outcome<Done>(Done{});
  if (changed) {
    modems_.remove(after.id);
    changed = modems_.add(after);
  }
  if (changed) return changed;
  modems_.remove(before.id);
  auto back = is_another_way ? egresses_.change(before) : Outcome<Done>(Done{});
  if (back) back = modems_.add(before);
  if (!back) log::error("dongle " + before.name + ": " + back.error().text);
  return changed;
}

void Farm::remove_dongle(std::string_view name, Consent<DongleRecord> may, Then<Done> then) {
  change<Done>(std::move(then), [this, name = std::string(name),
                                 may = std::move(may)](const Then<Done>& done) {
    const auto id = removable_dongle(name);
    if (!id) return done(id.error());
    if (!may(*dongle(*id))) return done(withdrawn());
    const auto work = [id = *id](Database& database) { return dongles::remove(database, id); };
    const auto written = [this, id = *id, done](const Outcome<Done>& removed) {
      if (!removed) return done(removed);
      dongles_.erase(id);
      scheduler_.forget_dongle(id);
      jobs_.forget_dongle(id);
      modems_.remove(id);
      egresses_.remove(id);
      publish_and_tell(done, Done{});
    };
    store_.write(work, written, control_);
  });
}

Outcome<std::int64_t> Farm::removable_dongle(const std::string& name) const {
  const auto* dongle = dongle_by_name(name);
  if (dongle == nullptr) return no_such_dongle(name);
  for (const auto& [id, proxy] : proxies_) {
    if (proxy.dongle != dongle->id) continue;
    return conflict("Dongle " + name + " is still used by proxy " + std::to_string(id) +
                    "; remove it first.");
  }
  if (modems_.activity(dongle->id) != Dongle::Activity::kNone) {
    return conflict("Dongle " + name + " is rotating or rebooting; try again when it is over.");
  }
  return dongle->id;
}

void Farm::add_proxy(ProxyRecord proxy, Then<ProxyRecord> then) {
  proxy.id = 0;
  change<ProxyRecord>(std::move(then), [this, proxy](const Then<ProxyRecord>& done) {
    if (const auto good = check_new(proxy); !good) return done(good.error());
    insert(proxy, done);
  });
}

Outcome<Done> Farm::check_new(const ProxyRecord& proxy) const {
  if (auto good = check(proxy); !good) return good;
  if (auto good = check_schedule(proxy, {}); !good) return good;
  if (auto good = check_dongle_of(proxy); !good) return good;
  if (const auto* other = proxy_at_port(proxy.port); other != nullptr) {
    return conflict("Port " + std::to_string(proxy.port) + " already belongs to proxy " +
                    std::to_string(other->id) + ".");
  }
  if (proxies_.size() >= config_.limits.proxies) {
    return conflict("There are already " + std::to_string(config_.limits.proxies) +
                    " proxies, as many as limits.proxies allows.");
  }
  return surroundings_.probe(proxy.port);
}

// One that was good when it was given stays good, though its last moment may be over.
Outcome<Done> Farm::check_schedule(const ProxyRecord& proxy, const ProxyRecord& before) const {
  if (proxy.ext_ip_upd_interval != before.ext_ip_upd_interval) {
    auto good = check_interval(proxy.ext_ip_upd_interval.value_or(""));
    if (!good) return good;
  }
  if (proxy.ext_ip_upd_calendar == before.ext_ip_upd_calendar) return Done{};
  const auto now = std::chrono::floor<std::chrono::seconds>(surroundings_.clocks.wall());
  return check_calendar(proxy.ext_ip_upd_calendar, now);
}

Outcome<Done> Farm::check_dongle_of(const ProxyRecord& proxy) const {
  if (dongle(proxy.dongle) != nullptr) return Done{};
  return Failure{Failure::Kind::kNotFound, "The proxy's dongle does not exist."};
}

// All that may fail of a fingerprint, before it is stored.
Outcome<Done> Farm::prepare_looks(const ProxyRecord& proxy) {
  if (proxy.fp.empty()) return Done{};
  if (auto good = dresser_.check(proxy); !good) return good;
  if (auto dressed = egresses_.dress(proxy.dongle); !dressed) return dressed;
  return dresser_.prepare(proxy);
}

// What has no mark has another TTL, perhaps. What fails here after all is known to the dresser, and
// so is in the World that follows.
void Farm::dress_again(std::int64_t dongle) {
  if (!dresser_.is_dressed(dongle)) return;
  if (const auto dressed = egresses_.dress(dongle); !dressed) log::error(dressed.error().text);
}

void Farm::insert(ProxyRecord proxy, const Then<ProxyRecord>& then) {
  const auto row = rows_.take();
  if (!row) return then(conflict("Every row of the counter file is in use."));
  proxy.counter_row = *row;
  if (const auto ready = prepare_looks(proxy); !ready) {
    rows_.give_back(proxy.counter_row);
    return then(ready.error());
  }
  const auto work = [proxy](Database& database) { return proxies::insert(database, proxy); };
  const auto written = [this, proxy, then](Outcome<std::int64_t> id) mutable {
    if (!id) {
      rows_.give_back(proxy.counter_row);
      return then(id.error());
    }
    proxy.id = *id;
    rows_.own(proxy.counter_row, proxy.id);
    by_port_[proxy.port] = proxy.id;
    proxies_.emplace(proxy.id, proxy);
    quotas_.follow(proxy);
    dresser_.follow(proxy);
    dress_again(proxy.dongle);
    scheduler_.plan(proxy);
    publish_and_tell(then, proxy);
  };
  store_.write(work, written, control_);
}

void Farm::change_proxy(std::int64_t id, Edit<ProxyRecord> edit, Then<ProxyRecord> then) {
  const auto work = [this, id, edit = std::move(edit)](const Then<ProxyRecord>& done) {
    const auto* before = this->proxy(id);
    if (before == nullptr) return done(no_such_proxy(id));
    ProxyRecord proxy = *before;
    if (!edit(proxy)) return done(withdrawn());
    proxy.id = id;
    proxy.port = before->port;
    proxy.counter_row = before->counter_row;
    if (const auto good = check(proxy); !good) return done(good.error());
    if (const auto good = check_schedule(proxy, *before); !good) return done(good.error());
    if (const auto good = check_dongle_of(proxy); !good) return done(good.error());
    if (const auto good = check_username(proxy); !good) return done(good.error());
    update(proxy, done);
  };
  change<ProxyRecord>(std::move(then), work);
}

// A proxy that is closed for its fingerprint's sake stays so while other things of it change.
void Farm::update(const ProxyRecord& proxy, const Then<ProxyRecord>& then) {
  const auto& before = proxies_.at(proxy.id);
  const auto ready = prepare_looks(proxy);
  if (!ready && (proxy.fp != before.fp || proxy.dongle != before.dongle)) {
    return then(ready.error());
  }
  const auto work = [proxy](Database& database) { return proxies::update(database, proxy); };
  const auto written = [this, proxy, then, old_dongle = before.dongle,
                        has_looks = ready.has_value()](const Outcome<Done>& updated) {
    if (!updated) return then(updated.error());
    proxies_[proxy.id] = proxy;
    quotas_.follow(proxy);
    if (has_looks) dresser_.follow(proxy);
    for (const auto dongle : std::set{old_dongle, proxy.dongle}) dress_again(dongle);
    scheduler_.plan(proxy);
    publish_and_tell(then, proxy);
  };
  store_.write(work, written, control_);
}

void Farm::remove_proxy(std::int64_t id, Consent<ProxyRecord> may, Then<Done> then) {
  change<Done>(std::move(then), [this, id, may = std::move(may)](const Then<Done>& done) {
    if (proxy(id) == nullptr) return done(no_such_proxy(id));
    if (!may(*proxy(id))) return done(withdrawn());
    const auto work = [id](Database& database) { return proxies::remove(database, id); };
    const auto written = [this, id, done](const Outcome<Done>& removed) {
      if (!removed) return done(removed);
      const auto proxy = proxies_.find(id);
      const auto dongle = proxy->second.dongle;
      dresser_.forget(proxy->second);
      forget_credentials_of(id);
      rows_.give_back(proxy->second.counter_row);
      by_port_.erase(proxy->second.port);
      proxies_.erase(proxy);
      quotas_.forget(id);
      scheduler_.forget(id);
      dress_again(dongle);
      publish_and_tell(done, Done{});
    };
    store_.write(work, written, control_);
  });
}

}  // namespace airlane
