// The program: the command line, and behind `serve` the server, built from the bottom to the top
// and taken down from the top to the bottom.
//
// Whatever is wrong at the start is one sentence in the log and an exit status of sysexits(3).
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/event/loop.h"
#include "base/event/signal_event.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "cli/command_line.h"
#include "conf/config.h"
#include "control/accounts.h"
#include "control/api/api.h"
#include "control/farm.h"
#include "control/kernel.h"
#include "control/metrics.h"
#include "control/state_folder.h"
#include "control/usage.h"
#include "db/store.h"
#include "proxy/access_log.h"
#include "proxy/count.h"
#include "proxy/engine.h"
#include "proxy/lookup.h"

namespace airlane {
namespace {

int exit_status(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::kInvalid:
      return EX_CONFIG;
    case Failure::Kind::kNotFound:
      return EX_NOINPUT;
    case Failure::Kind::kConflict:
      return EX_TEMPFAIL;  // Somebody else has what we need, and may give it back.
    case Failure::Kind::kUnavailable:
      return EX_UNAVAILABLE;
    case Failure::Kind::kInternal:
      return EX_SOFTWARE;
  }
  return EX_SOFTWARE;
}

// Without it every dongle would be refused one by one, and later than now.
bool may_change_routes() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return true;  // Then the kernel will say.
  return (data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
}

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  umask(0077);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) log::warning("The limit of open files stays low.");
}

EngineOptions engine_options(const Config& config) {
  const auto& stages = config.timeouts;
  // A tunnel has two sockets, and two pipes while it is busy both ways. What is left over is for
  // the control plane, names and the store.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const std::size_t bearable = std::max<rlim_t>(files.rlim_cur / 8, 1);
  return {.workers = config.server.workers != 0 ? config.server.workers
                                                : std::max(1U, std::thread::hardware_concurrency()),
          .listen = config.proxy.listen,
          .timeouts = {.detect = stages.detect,
                       .authenticate = stages.authenticate,
                       .resolve = stages.resolve,
                       .connect = stages.connect,
                       .relay = stages.relay},
          .socket_buffers = config.proxy.socket_buffers,
          .busy_poll = config.proxy.busy_poll,
          .names_most = config.limits.names,
          .guard = {.failures = config.limits.wrong_passwords,
                    .block = std::chrono::ceil<std::chrono::seconds>(
                        config.limits.wrong_password_block)},
          .connections_most = config.proxy.connections != 0 ? config.proxy.connections : bearable,
          .fronts = config.proxy.fronts};
}

// Members in the order of their making; stop() ends what still moves in the order that loses no
// byte: no more requests, no more connections, the last fold, the kernel as we found it.
class Server {
 public:
  explicit Server(const Config& config) : config_(config) {}
  Server(Server&&) = delete;

  Outcome<Done> start();
  void run();
  void stop();

 private:
  Outcome<Done> open_state();
  Outcome<Done> open_access_log();
  Outcome<Done> start_data_path();
  void say_ready() const;
  void end() { loop_.stop(); }

  const Config& config_;
  Loop loop_;
  UniqueFd state_folder_;
  UniqueFd network_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<CounterFile> counters_;
  std::unique_ptr<AccessLog> access_log_;  // Null: none.
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Kernel> kernel_;
  std::unique_ptr<Farm> farm_;
  std::unique_ptr<Usage> usage_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Api> api_;
  SignalEvent terminated_{loop_, SIGTERM, Callback<void()>::to<&Server::end>(*this)};
  SignalEvent interrupted_{loop_, SIGINT, Callback<void()>::to<&Server::end>(*this)};
};

Outcome<Done> Server::start() {
  if (auto opened = open_state(); !opened) return opened;
  accounts_ = std::make_unique<Accounts>(loop_, *store_);
  if (auto loaded = accounts_->load(); !loaded) return loaded;
  if (auto started = start_data_path(); !started) return started;
  metrics_ = std::make_unique<Metrics>(*engine_, access_log_.get(), *farm_, *counters_);
  api_ = std::make_unique<Api>(loop_, config_, *accounts_, *farm_, *usage_, *metrics_);
  if (auto started = api_->start(); !started) return started;
  say_ready();
  return Done{};
}

Outcome<Done> Server::open_state() {
  const auto& folder = config_.server.state;
  auto taken = take_state_folder(folder);
  if (!taken) return taken.error();
  state_folder_ = *std::move(taken);
  auto store = Store::open(folder + "/airlane.db", {.queue_limit = config_.limits.store_queue});
  if (!store) return store.error();
  store_ = *std::move(store);
  const CounterFile::Shape shape{engine_options(config_).workers, config_.limits.proxies};
  auto counters = Usage::open_counters(folder + "/counters", shape, *store_);
  if (!counters) return counters.error();
  counters_ = std::make_unique<CounterFile>(*std::move(counters));
  return Done{};
}

Outcome<Done> Server::open_access_log() {
  if (config_.server.access_log.empty()) return Done{};
  auto log = AccessLog::open({.path = config_.server.access_log,
                              .workers = engine_options(config_).workers,
                              .queue = config_.limits.access_log});
  if (!log) return log.error();
  access_log_ = *std::move(log);
  return Done{};
}

Outcome<Done> Server::start_data_path() {
  auto network = take_network();
  if (!network) return network.error();
  network_ = *std::move(network);
  auto kernel = open_kernel(loop_);
  if (!kernel) return kernel.error();
  kernel_ = *std::move(kernel);
  if (auto opened = open_access_log(); !opened) return opened;
  auto options = engine_options(config_);
  options.access_log = access_log_.get();
  engine_ = std::make_unique<Engine>(options, *counters_);
  farm_ = std::make_unique<Farm>(
      loop_, config_, *store_,
      Surroundings{.kernel = *kernel_,
                   .publish =
                       [this](const auto& world) {
                         if (engine_) engine_->publish(world);
                       },
                   .probe = [this](std::uint16_t port) { return engine_->probe(port); },
                   .resolve = resolve_through});
  if (auto started = farm_->start(); !started) return started;
  usage_ =
      std::make_unique<Usage>(loop_, *store_, *counters_, [this] { return farm_->counted_rows(); });
  return usage_->start();
}

void Server::run() { loop_.run_forever(); }

void Server::stop() {
  log::info("stopping");
  api_.reset();
  engine_.reset();
  if (usage_) usage_->stop();
  farm_.reset();
}

// Scripts wait for this line.
void Server::say_ready() const {
  std::string line = "serving: " + std::to_string(farm_->proxies().size()) + " proxies, " +
                     std::to_string(farm_->dongles().size()) + " dongles, control on ";
  for (const auto& address : config_.control.listen) line += address.to_string() + ", ";
  log::info(line + config_.control.socket);
}

int serve(const Config& config) {
  log::set_level(config.server.log);
  prepare_process();
  if (!may_change_routes()) {
    log::error(
        "Airlane needs CAP_NET_ADMIN to keep the dongles apart: start it as root or by "
        "its systemd unit.");
    return EX_NOPERM;
  }
  Server server(config);
  const auto started = server.start();
  if (!started) {
    log::error(started.error().text);
  } else {
    server.run();
  }
  server.stop();
  return started ? EX_OK : exit_status(started.error());
}

}  // namespace
}  // namespace airlane

int main(int argc, char** argv) { return airlane::cli::run(argc, argv, airlane::serve); }
