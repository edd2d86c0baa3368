#include "server/control_plane.h"

#include <future>
#include <utility>

#include "control/api/admin/admin.h"
#include "control/api/openapi/openapi.h"
#include "control/api/section.h"
#include "control/secret_key.h"
#include "proxy/lookup.h"
#include "server/start.h"

namespace airlane {
namespace {

constexpr api::Section kSections[] = {
    {.path = api::kAdminPrefix, .enter = api::admin},
    {.path = api::kDocumentPath, .enter = api::openapi},
    {.path = api::kReferencePath, .enter = api::reference},
};

// Two for each counter row, which is how the farm gives them to proxies.
Marks marks_of(const Config& config) {
  return {.first = config.fingerprint.first_mark, .count = 2 * config.limits.proxies};
}

// So that every port accepts before anybody is told that we serve.
void wait_for_workers(Engine& engine) {
  std::promise<void> adopted;
  engine.when_adopted([&adopted] { adopted.set_value(); });
  adopted.get_future().wait();
}

}  // namespace

ControlPlane::~ControlPlane() = default;

Outcome<Done> ControlPlane::start() {
  if (auto opened = open_state(); !opened) return opened;
  accounts_ = std::make_unique<Accounts>(parts_.loop, *store_);
  if (auto loaded = accounts_->load(); !loaded) return loaded;
  links_ = std::make_unique<RotationLinks>(parts_.loop, *store_);
  if (auto loaded = links_->load(); !loaded) return loaded;
  keys_ = std::make_unique<ApiKeys>(parts_.loop, *store_);
  if (auto loaded = keys_->load(); !loaded) return loaded;
  if (auto started = start_farm(); !started) return started;
  return open_doors();
}

Outcome<Done> ControlPlane::open_state() {
  const auto& folder = parts_.config.server.state;
  const auto key = [this](bool sealed) { return secret_key(parts_.config.server, sealed); };
  auto store = Store::open(folder + "/airlane.db", {.queue_limit = parts_.config.limits.store_queue,
                                                    .database = {.key = key}});
  if (!store) return store.error();
  store_ = *std::move(store);
  const auto path = folder + "/counters";
  auto& counters = parts_.data.counters;
  if (counters) {
    if (auto reclaimed = Usage::reclaim_counters(path, *counters); !reclaimed) return reclaimed;
  } else {
    const CounterFile::Shape shape{engine_options(parts_.config).workers,
                                   parts_.config.limits.proxies};
    auto opened = Usage::open_counters(path, shape, *store_);
    if (!opened) return opened.error();
    counters = std::make_unique<CounterFile>(*std::move(opened));
  }
  auto old = OldCounters::open(path, *store_);
  if (!old) return old.error();
  old_counters_ = *std::move(old);
  return Done{};
}

Outcome<Done> ControlPlane::start_farm() {
  auto kernel = open_kernel(parts_.loop, marks_of(parts_.config));
  if (!kernel) return kernel.error();
  kernel_ = *std::move(kernel);
  if (auto made = make_engine(); !made) return made;
  auto& data = parts_.data;
  farm_ = std::make_unique<Farm>(
      parts_.loop, parts_.config, *store_,
      Surroundings{.kernel = *kernel_,
                   .publish = [this](auto world) { publish(std::move(world)); },
                   .probe = [&data](std::uint16_t port) { return data.engine->probe(port); },
                   .resolve = resolve_through,
                   .used = used_of_usage(),
                   .before = data.world,
                   .settle = [this](auto then) { settle(std::move(then)); }});
  const auto& usage = parts_.config.usage;
  usage_ = std::make_unique<Usage>(
      parts_.loop, *store_, *data.counters, [this] { return farm_->counted_rows(); },
      std::exchange(old_counters_, {}),
      Retention{.minutes = std::chrono::floor<std::chrono::seconds>(usage.minutes),
                .hours = std::chrono::floor<std::chrono::seconds>(usage.hours)});
  const auto keep = std::chrono::floor<std::chrono::days>(usage.destination_days);
  top_targets_ = std::make_unique<TopTargets>(
      parts_.loop, *store_, *data.targets,
      TopTargets::Options{.folder = parts_.config.server.state, .keep = keep});
  if (auto started = farm_->start(); !started) return started;
  wait_for_workers(*data.engine);
  top_targets_->start();
  return usage_->start();
}

// The farm asks when it starts and later; it is made before.
Quotas::Sources ControlPlane::used_of_usage() {
  return {.ask = [this](auto questions, auto then) { usage_->used(questions, std::move(then)); },
          .ask_and_wait = [this](auto questions) { return usage_->used_now(questions); },
          .counters = [this](std::uint32_t row) { return usage_->counters(row); },
          .is_draining = [this] { return usage_->is_draining(); }};
}

Outcome<Done> ControlPlane::make_engine() {
  auto& data = parts_.data;
  if (data.engine) return Done{};
  auto options = engine_options(parts_.config);
  if (!parts_.config.server.access_log.empty()) {
    auto log = AccessLog::open({.path = parts_.config.server.access_log,
                                .workers = options.workers,
                                .queue = parts_.config.limits.access_log});
    if (!log) return log.error();
    data.access_log = *std::move(log);
  }
  options.access_log = data.access_log.get();
  data.targets = std::make_unique<TargetBook>(
      parts_.loop, TargetBook::Options{.workers = options.workers,
                                       .queue = parts_.config.limits.destination_queue,
                                       .most = parts_.config.limits.destinations_waiting,
                                       .folder = parts_.config.server.state});
  options.target_reports = &data.targets->reports();
  data.engine =
      std::make_unique<Engine>(options, *data.counters, std::exchange(data.inherited, {}));
  return Done{};
}

Outcome<Done> ControlPlane::open_doors() {
  auto doors = parts_.doors.copies();
  if (!doors) return doors.error();
  auto& data = parts_.data;
  // While the server stops there is no engine any more.
  guard_log_ = std::make_unique<GuardLog>(
      parts_.loop, engine_options(parts_.config).guard,
      [&data] { return data.engine ? data.engine->take_blocked() : BlockReports::News(); });
  metrics_ = std::make_unique<Metrics>(*data.engine, data.access_log.get(), data.targets->reports(),
                                       *farm_, *data.counters);
  backups_ = std::make_unique<Backups>(parts_.loop, *store_);
  transfers_ =
      std::make_unique<Transfers>(parts_.loop, *store_, *accounts_, *keys_, *links_, *farm_);
  api_ = std::make_unique<Api>(parts_.loop, parts_.config,
                               Api::Parts{.accounts = *accounts_,
                                          .links = *links_,
                                          .keys = *keys_,
                                          .farm = *farm_,
                                          .usage = *usage_,
                                          .top_targets = *top_targets_,
                                          .metrics = *metrics_,
                                          .life = parts_.life,
                                          .backups = *backups_,
                                          .transfers = *transfers_},
                               kSections);
  return api_->start(*std::move(doors));
}

// While the server stops there is no engine any more, but the kernel still tells us things.
void ControlPlane::publish(std::shared_ptr<const World> world) {
  if (!parts_.data.engine) return;
  parts_.data.world = std::move(world);
  parts_.data.engine->publish(parts_.data.world);
  parts_.on_world(*parts_.data.world);
}

void ControlPlane::settle(std::function<void()> then) {
  if (!parts_.data.engine) return then();
  parts_.data.engine->when_adopted(
      [&loop = parts_.loop, then = std::move(then)] { loop.post(then); });
}

void ControlPlane::reload_certificates() {
  if (farm_) farm_->reload_certificates();
  if (api_) api_->reload_certificates();
}

void ControlPlane::close_doors() {
  if (api_) api_->close();
}

void ControlPlane::close() {
  api_.reset();
  transfers_.reset();
  backups_.reset();
  metrics_.reset();
}

void ControlPlane::stop() {
  close();
  guard_log_.reset();
  if (top_targets_) top_targets_->stop();
  if (usage_) usage_->stop();
  farm_.reset();
}

// Nothing that was posted may run afterwards: it belongs to objects that are gone.
void ControlPlane::leave() {
  close();
  guard_log_.reset();
  if (farm_) farm_->leave();
  if (top_targets_) {
    top_targets_->stop();
    parts_.data.targets->leave();
  }
  top_targets_.reset();
  if (usage_) usage_->stop();
  usage_.reset();
  farm_.reset();
  kernel_.reset();
  keys_.reset();
  links_.reset();
  accounts_.reset();
  store_.reset();
  parts_.loop.drop_posted();
}

}  // namespace airlane
