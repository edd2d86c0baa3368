// The farm's part of an import; see control/transfers.h.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/log.h"
#include "control/checks.h"
#include "control/farm.h"
#include "control/farm_change.h"

namespace airlane {
namespace {

constexpr std::size_t kPortsAtOnce = 256;  // Looked at in a turn of the loop.

std::string path_of(const char* list, std::size_t index, const char* field) {
  return std::string(list) + "." + std::to_string(index) + "." + field;
}

}  // namespace

struct Farm::ArrivalRun {
  Arrival arrival;
  Then<std::vector<Fault>> done;
  std::vector<Fault> conflicts{};
};

void Farm::take_in(Arrival arrival, Then<std::vector<Fault>> then) {
  change<std::vector<Fault>>(std::move(then),
                             [this, arrival = std::move(arrival)](const auto& done) {
                               auto run = std::make_shared<ArrivalRun>(ArrivalRun{arrival, done});
                               const auto& contents = *arrival.contents;
                               run->conflicts = arrival.others(contents);
                               find_conflicts(contents, run->conflicts);
                               find_free_ports(run, 0);
                             });
}

void Farm::find_conflicts(const Contents& contents, std::vector<Fault>& conflicts) const {
  std::map<std::string_view, const DongleRecord*> names;
  std::map<std::string_view, const DongleRecord*> interfaces;
  for (const auto& [id, dongle] : dongles_) {
    names[dongle.name] = interfaces[dongle.interface] = &dongle;
  }
  for (std::size_t i = 0; i < contents.dongles.size(); ++i) {
    const auto& dongle = contents.dongles[i];
    if (names.contains(dongle.name)) {
      conflicts.push_back(
          {path_of("dongles", i, "name"), "There is already a dongle " + dongle.name + "."});
    }
    if (const auto other = interfaces.find(dongle.interface); other != interfaces.end()) {
      conflicts.push_back({path_of("dongles", i, "interface"), "Interface " + dongle.interface +
                                                                   " already belongs to dongle " +
                                                                   other->second->name + "."});
    }
  }
  find_proxy_conflicts(contents, conflicts);
  const auto wanted = contents.proxies.size() + contents.credentials.size();
  const auto there = proxies_.size() + credentials_.size();
  if (there + wanted > config_.limits.proxies) {
    conflicts.push_back({"proxies", "There would be " + std::to_string(there + wanted) +
                                        " proxies and credentials, but limits.proxies is " +
                                        std::to_string(config_.limits.proxies) + "."});
  }
}

void Farm::find_proxy_conflicts(const Contents& contents, std::vector<Fault>& conflicts) const {
  std::map<std::int64_t, std::size_t> places;  // Of the proxies in the document.
  for (std::size_t i = 0; i < contents.proxies.size(); ++i) {
    const auto& proxy = contents.proxies[i];
    places[proxy.id] = i;
    if (proxies_.contains(proxy.id)) {
      conflicts.push_back({path_of("proxies", i, "id"),
                           "There is already a proxy " + std::to_string(proxy.id) + "."});
    }
    if (const auto* other = proxy_at_port(proxy.port); other != nullptr) {
      conflicts.push_back({path_of("proxies", i, "port"), "Port " + std::to_string(proxy.port) +
                                                              " already belongs to proxy " +
                                                              std::to_string(other->id) + "."});
    }
  }
  std::map<std::int64_t, std::size_t> counts;  // By proxy.
  for (const auto& credential : contents.credentials) {
    const auto place = counts[credential.proxy]++;
    const auto path = path_of("proxies", places[credential.proxy], "credentials.");
    if (credentials_.contains(credential.id)) {
      conflicts.push_back({path + std::to_string(place) + ".id",
                           "There is already a credential " + std::to_string(credential.id) + "."});
    }
    if (place == config_.limits.credentials) {
      conflicts.push_back({path + std::to_string(place),
                           "These are more credentials than "
                           "limits.credentials allows a proxy."});
    }
  }
}

// In slices: each port costs system calls.
void Farm::find_free_ports(const std::shared_ptr<ArrivalRun>& run, std::size_t from) {
  const auto& proxies = run->arrival.contents->proxies;
  const auto till = std::min(from + kPortsAtOnce, proxies.size());
  for (auto i = from; i < till; ++i) {
    if (proxy_at_port(proxies[i].port) != nullptr) continue;  // That was said.
    const auto is_free = surroundings_.probe(proxies[i].port);
    if (!is_free) run->conflicts.push_back({path_of("proxies", i, "port"), is_free.error().text});
  }
  if (till < proxies.size()) {
    return control_.post([this, run, till] { find_free_ports(run, till); });
  }
  if (!run->conflicts.empty() || run->arrival.dry_run) return run->done(std::move(run->conflicts));
  give_rows_and_looks(run);
}

void Farm::give_rows_and_looks(const std::shared_ptr<ArrivalRun>& run) {
  auto& contents = *run->arrival.contents;
  for (auto& proxy : contents.proxies) proxy.counter_row = rows_.take().value_or(0);
  for (auto& credential : contents.credentials) {
    credential.counter_row = rows_.take().value_or(0);
  }
  for (std::size_t i = 0; i < contents.proxies.size(); ++i) {
    const auto& proxy = contents.proxies[i];
    if (proxy.fp.empty()) continue;
    auto ready = dresser_.check(proxy);
    if (ready) ready = dresser_.prepare(proxy);
    if (!ready) run->conflicts.push_back({path_of("proxies", i, "fp"), ready.error().text});
  }
  if (run->conflicts.empty()) return store(run);
  give_back_rows(contents);
  run->done(std::move(run->conflicts));
}

void Farm::give_back_rows(const Contents& contents) {
  for (const auto& proxy : contents.proxies) rows_.give_back(proxy.counter_row);
  for (const auto& credential : contents.credentials) rows_.give_back(credential.counter_row);
}

void Farm::store(const std::shared_ptr<ArrivalRun>& run) {
  const auto work = [wanted = run->arrival.contents](Database& database) {
    return contents::insert(database, *wanted);
  };
  const auto written = [this, run](Outcome<Contents> stored) {
    if (!stored) {
      give_back_rows(*run->arrival.contents);
      return run->done(stored.error());
    }
    if (const auto up = bring_up(stored->dongles); !up) return take_back(run, *stored, up.error());
    adopt(*std::move(stored), run->arrival);
    publish_and_tell(run->done, std::vector<Fault>());
  };
  store_.write(work, written, control_);
}

// All of them, or none.
Outcome<Done> Farm::bring_up(const std::vector<DongleRecord>& dongles) {
  Outcome<Done> up = Done{};
  for (const auto& dongle : dongles) {
    if (up) up = egresses_.add(dongle);
    if (up) up = modems_.add(dongle);
  }
  if (up) return up;
  for (const auto& dongle : dongles) {
    modems_.remove(dongle.id);
    egresses_.remove(dongle.id);
  }
  return up;
}

// As with a single dongle: what the kernel could not be made to keep apart must not stay.
void Farm::take_back(const std::shared_ptr<ArrivalRun>& run, const Contents& stored,
                     const Failure& failure) {
  give_back_rows(stored);
  const auto work = [stored](Database& database) { return contents::remove(database, stored); };
  const auto written = [run, failure](const Outcome<Done>&) { run->done(failure); };
  store_.write(work, written, control_);
}

void Farm::adopt(Contents stored, const Arrival& arrival) {
  arrival.taken_in(stored);
  for (auto& dongle : stored.dongles) dongles_.emplace(dongle.id, std::move(dongle));
  for (const auto& rotation : stored.rotations) scheduler_.remember(rotation);
  for (const auto& schedule : stored.schedules) scheduler_.remember(schedule);
  std::set<std::int64_t> dressed;
  for (auto& proxy : stored.proxies) {
    rows_.own(proxy.counter_row, proxy.id);
    by_port_[proxy.port] = proxy.id;
    quotas_.follow(proxy);
    dresser_.follow(proxy);
    scheduler_.plan(proxy);
    if (!proxy.fp.empty()) dressed.insert(proxy.dongle);
    proxies_.emplace(proxy.id, std::move(proxy));
  }
  for (auto& credential : stored.credentials) {
    rows_.own(credential.counter_row, credential.owner());
    quotas_.follow(credential);
    credentials_.emplace(credential.id, std::move(credential));
  }
  for (const auto dongle : dressed) {
    if (const auto done = egresses_.dress(dongle); !done) log::error(done.error().text);
  }
}

}  // namespace airlane
