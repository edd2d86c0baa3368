#include "control/modems.h"

#include <utility>

#include "base/log.h"
#include "control/external_ip.h"
#include "control/modem/drivers.h"
#include "db/ip_history.h"

namespace airlane {
namespace {

constexpr const char* kObserved = "observed";

}  // namespace

Modems::Modems(Loop& control, const Config& config, Store& store, Egresses& egresses,
               ResolveThrough resolve, Hooks hooks)
    : control_(control),
      config_(config),
      store_(store),
      egresses_(egresses),
      resolve_(std::move(resolve)),
      hooks_(std::move(hooks)) {}

Outcome<Done> Modems::add(const DongleRecord& dongle) {
  const auto found = egresses_.find(dongle.id)->seen().gateway;
  const auto known = modems_.find(dongle.id);
  if (known != modems_.end()) {
    // An absent dongle's gateway is not forgotten, and a busy one keeps what it works with.
    const bool is_news = !dongle.gateway && found && *found != known->second.gateway;
    if (!is_news || activity(dongle.id) != Dongle::Activity::kNone) return Done{};
  }
  const auto gateway = dongle.gateway ? *dongle.gateway : found.value_or(Address());
  auto driver = make_driver(dongle.driver, {.dongle = dongle.name,
                                            .interface = dongle.interface,
                                            .gateway = gateway,
                                            .options = dongle.options});
  if (!driver) return driver.error();
  auto& modem = modems_[dongle.id];
  modem.gateway = gateway;
  modem.cause = kObserved;
  modem.dongle = std::make_unique<Dongle>(control_, parts(dongle, *std::move(driver)));
  return Done{};
}

void Modems::rotate(std::int64_t dongle, RotationGoal goal, Dongle::OnRotated done) {
  at(dongle).dongle->rotate(
      Dongle::OldIp::kCached,
      [this, here = here(), dongle, done = std::move(done)](RotationResult result) {
        if (result.failure && !here.expired()) observe_only(dongle);
        done(std::move(result));
      },
      std::move(goal));
}

void Modems::reboot(std::int64_t dongle, Dongle::OnAccepted done) {
  at(dongle).dongle->reboot(std::move(done));
}

void Modems::external_ip(std::int64_t dongle, bool from_cache, OnExternalIp done) {
  auto& modem = at(dongle);
  const auto before = modem.answers;
  modem.dongle->external_ip(from_cache,
                            [this, here = here(), dongle, before,
                             done = std::move(done)](const std::optional<std::string>& ip) {
                              done(ip, ip && !here.expired() && answers_of(dongle) == before);
                            });
}

void Modems::observe_only(std::int64_t dongle) {
  const auto modem = modems_.find(dongle);
  if (modem != modems_.end()) modem->second.cause = kObserved;
}

std::optional<std::uint64_t> Modems::answers_of(std::int64_t dongle) const {
  const auto modem = modems_.find(dongle);
  return modem == modems_.end() ? std::nullopt : std::optional(modem->second.answers);
}

Dongle::Activity Modems::activity(std::int64_t dongle) const {
  const auto modem = modems_.find(dongle);
  return modem == modems_.end() ? Dongle::Activity::kNone : modem->second.dongle->activity();
}

std::optional<Monotonic::time_point> Modems::busy_since(std::int64_t dongle) const {
  const auto modem = modems_.find(dongle);
  return modem == modems_.end() ? std::nullopt : modem->second.dongle->busy_since();
}

DongleParts Modems::parts(const DongleRecord& dongle, std::unique_ptr<Driver> driver) {
  const auto id = dongle.id;
  const auto view = egresses_.view(id);
  const ResolveHost resolve = [view, ask = resolve_, limit = config_.timeouts.resolve](
                                  const std::string& host, std::chrono::milliseconds most,
                                  const Stop& stop) {
    return ask(*view->egress(), host, std::min(limit, most), stop);
  };
  const ExternalIpSettings settings{.interface = dongle.interface,
                                    .urls = config_.external_ip.urls,
                                    .timeout = config_.external_ip.timeout};
  return {.name = dongle.name,
          .driver = std::move(driver),
          .probe = [settings, resolve](
                       std::chrono::milliseconds most,
                       const Stop& stop) { return ask_external_ip(settings, resolve, most, stop); },
          .link_ready = [view] { return view->ready(); },
          .hooks = {.going_down = [this, id] { going_down(id); },
                    .up_again = [this, id] { egresses_.release(id); },
                    .external_ip = [this, id](const std::string& ip) { learn(id, ip); },
                    .tried = [this, id](int attempt) { hooks_.tried(id, attempt); },
                    .ended = [this, id](auto ended,
                                        const auto& result) { hooks_.ended(id, ended, result); }},
          .ip_age_most = config_.external_ip.cache,
          .limits = {.total = config_.rotation.limit, .probe = config_.external_ip.timeout}};
}

void Modems::going_down(std::int64_t dongle) {
  const bool rotating = activity(dongle) == Dongle::Activity::kRotating;
  at(dongle).cause = rotating ? "rotation" : "reboot";
  egresses_.hold(dongle, rotating ? DongleState::kRotating : DongleState::kRebooting);
}

void Modems::learn(std::int64_t dongle, const std::string& ip) {
  auto& modem = at(dongle);
  ++modem.answers;
  const auto cause = std::exchange(modem.cause, kObserved);
  const auto address = Address::parse(ip);
  if (ip == modem.ip || !address) return;
  modem.ip = ip;
  const auto work = [dongle, address, cause, now = wall_now(),
                     most = config_.rotation.addresses](Database& database) {
    return ip_history::record(database, dongle, *address, now, cause, most);
  };
  const auto written = [](const Outcome<Done>& recorded) {
    if (!recorded) log::warning("The address history has a gap: " + recorded.error().text);
  };
  store_.write(work, written, control_);
}

}  // namespace airlane
