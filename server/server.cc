#include "server/server.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "base/log.h"
#include "control/state_folder.h"
#include "server/notify.h"
#include "server/start.h"

namespace airlane {
namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::seconds kAgain{1};
constexpr std::chrono::seconds kStopping{20};  // Beside the drain: the last fold, the kernel.

std::string process(pid_t pid) { return "process " + std::to_string(pid); }

std::int64_t microseconds(std::chrono::microseconds time) { return time.count(); }

}  // namespace

Server::Server(const Config& config, ThisProgram program, std::unique_ptr<Predecessor> predecessor)
    : config_(config),
      program_(std::move(program)),
      predecessor_(std::move(predecessor)),
      look_(loop_, Callback<void()>::to<&Server::look_at_drain>(*this)),
      again_(loop_, Callback<void()>::to<&Server::go_on>(*this)) {}

Outcome<Done> Server::run() {
  auto started = start();
  if (started) {
    loop_.run_forever();
  } else {
    log::error(started.error().text);
  }
  stop();
  return started;
}

Outcome<Done> Server::start() {
  auto started = prepare();
  if (started) started = serve();
  if (started && predecessor_) started = predecessor_->say_serving();
  if (!started) {
    if (predecessor_) give_back(started.error());
    return started;
  }
  doors_.settle();
  stage_ = Stage::kServing;
  if (predecessor_) {
    log::info("took over from " + process(predecessor_->pid()) + ", which drains");
    predecessor_->say_lost(lost_ports_->at_first());
    predecessor_->watch(loop_, [this] { forget_predecessor(); });
  }
  if (!predecessor_) notify("READY=1");  // It speaks for us: a supervisor does not know us yet.
  say_ready();
  return started;
}

// A predecessor goes on with everything, as soon as it hears of it.
void Server::give_back(const Failure& why) {
  if (control_) control_->leave();
  control_.reset();
  data_.engine.reset();
  if (data_.targets) data_.targets->end();
  doors_ = Doors();
  predecessor_->fail(why.text);
}

// All that can be done while a predecessor serves.
Outcome<Done> Server::prepare() {
  Predecessor::Gifts gifts;
  if (predecessor_) {
    auto received = predecessor_->receive_gifts();
    if (!received) return received.error();
    gifts = *std::move(received);
  }
  auto folder = predecessor_
                    ? adopt_state_folder(config_.server.state, std::move(gifts.state_folder))
                    : take_state_folder(config_.server.state);
  if (!folder) return folder.error();
  state_folder_ = *std::move(folder);
  auto network = predecessor_ ? std::move(gifts.network) : take_network();
  if (!network) return network.error();
  network_ = *std::move(network);
  auto doors = Doors::open(config_.control, std::move(gifts.doors));
  if (!doors) return doors.error();
  doors_ = *std::move(doors);
  return Done{};
}

Outcome<Done> Server::serve() {
  if (predecessor_) {
    auto listeners = predecessor_->take_over();
    if (!listeners) return listeners.error();
    data_.inherited = *std::move(listeners);
    sign_state_folder(state_folder_.get());
  }
  return start_control();
}

Outcome<Done> Server::start_control() {
  control_ = std::make_unique<ControlPlane>(
      ControlPlane::Parts{.loop = loop_,
                          .config = config_,
                          .data = data_,
                          .doors = doors_,
                          .life = *this,
                          .on_world = [this](const World& world) { tell_predecessor(world); }});
  return control_->start();
}

// Scripts wait for this line.
void Server::say_ready() const {
  const auto& farm = control_->farm();
  std::string line = "serving: " + std::to_string(farm.proxies().size()) + " proxies, " +
                     std::to_string(farm.dongles().size()) + " dongles, control on ";
  for (const auto& address : config_.control.listen) line += address.to_string() + ", ";
  for (const auto& address : config_.control.listen_tls) line += address.to_string() + " (TLS), ";
  log::info(line + config_.control.socket);
}

// In the order that loses no byte: no more requests, no more connections, the last fold, the kernel
// as we found it.
void Server::stop() {
  const bool has_handed_over = stage_ == Stage::kDraining && !control_;
  log::info(has_handed_over ? process(getpid()) + " has drained" : "stopping");
  if (!has_handed_over) successor_.reset();  // Else it learns by our end that all is told.
  if (control_) control_->close();
  data_.engine.reset();
  if (control_) control_->stop();
  if (data_.targets) data_.targets->end();
}

Life::State Server::state() const {
  State state{.pid = getpid(), .version = AIRLANE_VERSION};
  if (stage_ == Stage::kPreparing) {
    state.upgrade = State::Upgrade::kRunning;
  } else if (!upgrade_failure_.empty()) {
    state.upgrade = State::Upgrade::kFailed;
    state.reason = upgrade_failure_;
  }
  if (predecessor_) state.draining = predecessor_->pid();
  return state;
}

Outcome<Done> Server::upgrade() {
  const auto conflict = [](std::string text) {
    return Failure{Failure::Kind::kConflict, std::move(text)};
  };
  if (stage_ == Stage::kPreparing) return conflict("An upgrade is under way already.");
  if (stage_ != Stage::kServing) return conflict("The server is not serving.");
  if (predecessor_) {
    return conflict("After the last upgrade, " + process(predecessor_->pid()) +
                    " still drains its connections; try again later, or end it by SIGTERM.");
  }
  upgrade_failure_.clear();
  const std::array<int, 2> locks{state_folder_.get(), network_.get()};
  auto successor =
      Successor::start(loop_, program_, locks, doors_.fds(),
                       {.ready = [this] { hand_over(); },
                        .failed = [this](const Failure& failure) { upgrade_failed(failure); },
                        .lost = [this](std::span<const std::uint16_t> ports) { lose(ports); }});
  if (!successor) {
    upgrade_failure_ = successor.error().text;
    return successor.error();
  }
  log::info("upgrade: starting " + program_.path);
  successor_ = *std::move(successor);
  stage_ = Stage::kPreparing;
  return Done{};
}

void Server::on_upgrade() {
  if (const auto begun = upgrade(); !begun) log::error("upgrade: " + begun.error().text);
}

// Who drains for a successor has nothing to show any more.
void Server::on_hang_up() {
  if (control_) control_->reload_certificates();
}

void Server::upgrade_failed(const Failure& failure) {
  upgrade_failure_ = failure.text;
  log::error("upgrade: the new process did not take over: " + failure.text + "; " +
             process(getpid()) + " goes on");
  successor_.reset();
  stage_ = Stage::kServing;
}

// From here to its answer nobody is in control, and the engine goes on with what it knows.
void Server::hand_over() {
  again_.cancel();
  if (control_) control_->leave();
  control_.reset();
  const auto handed = successor_->hand_over(data_.engine->listeners());
  if (!handed) {
    upgrade_failed(handed.error());
    return go_on();
  }
  notify("MAINPID=" + std::to_string(successor_->pid()));
  doors_.leave();
  doors_ = Doors();
  state_folder_.reset();
  network_.reset();
  drain(process(successor_->pid()) + " has taken over");
}

// After a successor has failed when it had everything.
void Server::go_on() {
  sign_state_folder(state_folder_.get());
  const auto started = start_control();
  if (started) return log::info("upgrade: the control plane is back");
  log::error("The proxies go on, but nothing can be changed, rotated or asked: " +
             started.error().text + " Trying again.");
  control_->leave();
  control_.reset();
  again_.start(kAgain);
}

void Server::on_end() {
  if (stage_ == Stage::kDraining) return loop_.stop();
  successor_.reset();
  again_.cancel();
  notify("STOPPING=1\nEXTEND_TIMEOUT_USEC=" +
         std::to_string(microseconds(config_.server.drain + kStopping)));
  if (control_) control_->close_doors();
  drain("told to end");
}

void Server::drain(std::string_view why) {
  stage_ = Stage::kDraining;
  data_.engine->drain();
  drained_until_ = Monotonic::now() + config_.server.drain;
  const auto left = data_.engine->connections();
  if (left > 0 && config_.server.drain.count() > 0) {
    log::info("draining: " + std::string(why) + ", " + std::to_string(left) + " connections have " +
              std::to_string(config_.server.drain.count()) + " ms to end");
  }
  look_at_drain();
}

void Server::look_at_drain() {
  if (data_.engine->connections() == 0 || Monotonic::now() >= drained_until_) return loop_.stop();
  look_.start(kLook);
}

void Server::lose(std::span<const std::uint16_t> ports) {
  data_.world = without(*data_.world, ports);
  data_.engine->publish(data_.world);
}

void Server::tell_predecessor(const World& world) {
  if (!predecessor_) return;
  if (lost_ports_) return predecessor_->say_lost(lost_ports_->next(world, wall_now()));
  lost_ports_.emplace(world, wall_now());  // It is not listening yet.
}

void Server::forget_predecessor() {
  log::info(process(predecessor_->pid()) + " has ended");
  predecessor_.reset();
  lost_ports_.reset();
  if (control_) control_->predecessor_ended();
}

}  // namespace airlane
