#include "control/farm.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/log.h"
#include "control/fingerprint.h"
#include "control/limits.h"
#include "control/then.h"

namespace airlane {
namespace {

struct Stored {
  std::vector<DongleRecord> dongles;
  std::vector<ProxyRecord> proxies;
  std::vector<CredentialRecord> credentials;
};

// The history of dongles that are gone is no business of anybody who would limit it.
Outcome<Stored> read_all(Database& database, std::int64_t most_addresses) {
  if (auto done = ip_history::forget_removed(database, most_addresses); !done) return done.error();
  auto dongles = dongles::all(database);
  if (!dongles) return dongles.error();
  auto proxies = proxies::all(database);
  if (!proxies) return proxies.error();
  auto credentials = credentials::all(database);
  if (!credentials) return credentials.error();
  return Stored{*std::move(dongles), *std::move(proxies), *std::move(credentials)};
}

}  // namespace

std::string_view to_string(DongleState state) noexcept {
  switch (state) {
    case DongleState::kUp:
      return "up";
    case DongleState::kDown:
      return "down";
    case DongleState::kAbsent:
      return "absent";
    case DongleState::kRotating:
      return "rotating";
    case DongleState::kRebooting:
      return "rebooting";
  }
  return "";
}

Farm::Farm(Loop& control, const Config& config, Store& store, Surroundings surroundings)
    : control_(control),
      config_(config),
      store_(store),
      surroundings_(std::move(surroundings)),
      rows_(config.limits.proxies),
      quotas_(control, surroundings_.used, Callback<void()>::to<&Farm::on_quota_change>(*this)),
      dresser_(surroundings_.kernel, config.fingerprint.first_mark),
      maker_(
          proxy_limits(config), surroundings_.before,
          [this](const ProxyRecord& proxy, const Limits& limits) {
            return quotas_.apply(proxy.id, limits_of(proxy.limits, limits));
          },
          [this](const ProxyRecord& proxy) { return dresser_.looks_of(proxy); },
          [this](const CredentialRecord& credential) {
            return quotas_.apply(credential.owner(), limits_of(credential.limits, {}));
          },
          config.usage.destinations),
      changes_(control),
      publish_soon_(control, Callback<void()>::to<&Farm::catch_up>(*this)),
      rental_ends_(control, Callback<void()>::to<&Farm::publish>(*this)),
      certificates_(control, config.tls.certificates, kTlsProtocols,
                    Callback<void()>::to<&Farm::publish>(*this)),
      egresses_(control, surroundings_.kernel, dresser_,
                Callback<void()>::to<&Farm::on_egress_change>(*this)),
      scheduler_(control, store, scheduler_parts()),
      syn_probe_(control),
      jobs_(control, store, surroundings_.clocks, config.rotation.jobs),
      modems_(control, config, store, egresses_, surroundings_.resolve,
              {.tried = [this](auto dongle, int attempt) { jobs_.tried(dongle, attempt); },
               .ended = [this](auto dongle, auto activity,
                               const auto& result) { ended(dongle, activity, result); }}) {}

Farm::~Farm() = default;

void Farm::leave() {
  modems_.clear();
  egresses_.leave();
}

Outcome<Done> Farm::start() {
  if (auto loaded = load(); !loaded) return loaded;
  if (auto known = quotas_.start(proxies_, credentials_); !known) return known;
  if (auto loaded = certificates_.load(); !loaded) return loaded;
  std::vector<DongleRecord> dongles;
  for (const auto& [id, dongle] : dongles_) dongles.push_back(dongle);
  dresser_.start(proxies_);
  if (auto started = egresses_.start(dongles, surroundings_.before); !started) return started;
  for (const auto& dongle : dongles) {
    if (auto added = modems_.add(dongle); !added) return added;
  }
  if (auto loaded = scheduler_.load(); !loaded) return loaded;
  if (auto loaded = jobs_.load(); !loaded) return loaded;
  for (const auto& [id, proxy] : proxies_) scheduler_.plan(proxy);
  publish();
  return Done{};
}

Outcome<Done> Farm::load() {
  auto stored = store_.wait(
      [most = config_.rotation.addresses](Database& database) { return read_all(database, most); });
  if (!stored) return stored.error();
  for (auto& dongle : stored->dongles) dongles_.emplace(dongle.id, std::move(dongle));
  for (auto& proxy : stored->proxies) {
    by_port_[proxy.port] = proxy.id;
    proxies_.emplace(proxy.id, std::move(proxy));
  }
  for (auto& credential : stored->credentials) {
    credentials_.emplace(credential.id, std::move(credential));
  }
  return give_rows();
}

// A counter file that became smaller leaves some without their row; they get others.
Outcome<Done> Farm::give_rows() {
  std::vector<ProxyRecord*> proxies;
  for (auto& [id, proxy] : proxies_) {
    if (!rows_.claim(proxy.counter_row, id)) proxies.push_back(&proxy);
  }
  std::vector<CredentialRecord*> credentials;
  for (auto& [id, one] : credentials_) {
    if (!rows_.claim(one.counter_row, one.owner())) credentials.push_back(&one);
  }
  for (auto* proxy : proxies) {
    if (auto given = give_row(*proxy, proxy->id, proxies::update); !given) return given;
  }
  for (auto* one : credentials) {
    if (auto given = give_row(*one, one->owner(), credentials::update); !given) return given;
  }
  return Done{};
}

template <class Record, class Write>
Outcome<Done> Farm::give_row(Record& record, std::int64_t owner, Write write) {
  const auto row = rows_.take();
  if (!row) {
    return Failure{Failure::Kind::kInvalid,
                   "There are " + std::to_string(proxies_.size() + credentials_.size()) +
                       " proxies and credentials, but limits.proxies is " +
                       std::to_string(config_.limits.proxies) + "; raise it."};
  }
  record.counter_row = *row;
  rows_.own(*row, owner);
  return store_.wait([&](Database& database) { return write(database, record); });
}

const ProxyRecord* Farm::proxy(std::int64_t id) const {
  const auto proxy = proxies_.find(id);
  return proxy == proxies_.end() ? nullptr : &proxy->second;
}

const ProxyRecord* Farm::proxy_at_port(std::uint16_t port) const {
  const auto id = by_port_.find(port);
  return id == by_port_.end() ? nullptr : proxy(id->second);
}

const DongleRecord* Farm::dongle(std::int64_t id) const {
  const auto dongle = dongles_.find(id);
  return dongle == dongles_.end() ? nullptr : &dongle->second;
}

const DongleRecord* Farm::dongle_by_name(std::string_view name) const {
  for (const auto& [id, dongle] : dongles_) {
    if (dongle.name == name) return &dongle;
  }
  return nullptr;
}

std::vector<const ProxyRecord*> Farm::proxies() const {
  std::vector<const ProxyRecord*> all;
  for (const auto& [id, proxy] : proxies_) all.push_back(&proxy);
  return all;
}

std::vector<const DongleRecord*> Farm::dongles() const {
  std::vector<const DongleRecord*> all;
  for (const auto& [id, dongle] : dongles_) all.push_back(&dongle);
  return all;
}

DongleState Farm::state_of(std::int64_t dongle) const {
  switch (modems_.activity(dongle)) {
    case Dongle::Activity::kRotating:
      return DongleState::kRotating;
    case Dongle::Activity::kRebooting:
      return DongleState::kRebooting;
    case Dongle::Activity::kNone:
      break;
  }
  const auto* exit = egresses_.find(dongle);
  return exit == nullptr ? DongleState::kAbsent : exit->state();
}

bool Farm::is_up(std::int64_t dongle) const {
  const auto* exit = egresses_.find(dongle);
  return exit != nullptr && exit->egress()->up;
}

std::optional<std::chrono::steady_clock::time_point> Farm::busy_since(std::int64_t dongle) const {
  return modems_.busy_since(dongle);
}

void Farm::see_looks(std::int64_t proxy, std::optional<Address> target, Then<SeenLooks> then) {
  const auto* found = this->proxy(proxy);
  if (found == nullptr) return answer_later<SeenLooks>(control_, then, no_such_proxy(proxy));
  const auto refuse = [&](std::string why) {
    answer_later<SeenLooks>(control_, then, {Failure::Kind::kUnavailable, std::move(why)});
  };
  const auto looks = dresser_.looks_of(*found);
  if (!looks) return refuse(dresser_.trouble_of(*found));
  const auto* exit = egresses_.find(found->dongle);
  if (exit == nullptr || !exit->egress()->up) return refuse("The dongle of the proxy is not up.");
  const auto& egress = *exit->egress();
  const auto where = target.value_or(egress.dns_servers.front());
  syn_probe_.look(egress, *looks, where,
                  [where, fp = found->fp, then = std::move(then)](const Outcome<Signature>& seen) {
                    if (!seen) return then(seen.error());
                    then(SeenLooks{where, to_string(*seen), fits_fingerprint(fp, *seen)});
                  });
}

// The gateway may have been found just now, and with it the modem.
void Farm::catch_up() {
  for (const auto& [id, dongle] : dongles_) {
    if (egresses_.find(id) == nullptr) continue;
    if (const auto added = modems_.add(dongle); !added) log::error(added.error().text);
  }
  publish();
  scheduler_.look_soon();
}

Scheduler::Parts Farm::scheduler_parts() {
  return {
      .clocks = surroundings_.clocks,
      .is_ready = [this](std::int64_t dongle) { return state_of(dongle) == DongleState::kUp; },
      .rotate = [this](std::int64_t proxy) { rotate_by_schedule(proxy); },
      .random = [random = std::mt19937_64(std::random_device()())]() mutable { return random(); }};
}

void Farm::publish() {
  publish_soon_.cancel();
  Destinations destinations{.allow = config_.destinations.allow,
                            .own = egresses_.host_addresses(),
                            .never = egresses_.forbidden(),
                            .denied_ports = config_.destinations.denied_ports,
                            .own_ports = own_ports()};
  surroundings_.publish(maker_.make(proxies_, egresses_.all(), std::move(destinations),
                                    certificates_.current(), credentials_));
  wait_for_the_next_end_of_a_rental();
}

// A proxy that leads to itself, or to another of ours, would go round in circles.
std::vector<std::uint16_t> Farm::own_ports() const {
  std::vector<std::uint16_t> ports;
  ports.reserve(by_port_.size() + config_.control.listen.size());
  for (const auto& [port, id] : by_port_) ports.push_back(port);
  for (const auto& address : config_.control.listen) ports.push_back(address.port());
  return ports;
}

// The workers look at the rentals whenever they are told a World, also one that says nothing new.
void Farm::wait_for_the_next_end_of_a_rental() {
  constexpr std::chrono::seconds kLongest = std::chrono::hours(1);  // The wall clock may be set.
  const auto now = wall_now();
  std::optional<WallSeconds> next;
  for (const auto& [id, proxy] : proxies_) {
    if (!proxy.in_use_till || *proxy.in_use_till <= now) continue;
    next = next ? std::min(*next, *proxy.in_use_till) : *proxy.in_use_till;
  }
  rental_ends_.cancel();
  if (next) rental_ends_.start(std::min(*next - now, kLongest));
}

}  // namespace airlane
