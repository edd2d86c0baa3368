// The life of the process: start, serve, drain, end; and being replaced by a new one.
//
//   starting ---> serving ---> draining ---> end       SIGTERM, SIGINT; a second one ends at once
//      |            |  ^           ^
//      |     SIGUSR2|  |failed     | the successor serves
//      |            v  |           |
//      |          preparing -------+                   server/successor.h
//      +-- takes over from a predecessor, if it was started by one: server/predecessor.h
//
// SIGHUP reads the certificates again, at any time.
//
// Draining, no new connection is accepted and those that are there have `server.drain` to end.
// Nobody decides anything any more after a hand-over: the successor has the database, the dongles
// and the kernel's tables, and tells which connections have to end.
//
// Made and run by main, on the control thread. Everything it has it owns; members in the order of
// their making.
#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/event/loop.h"
#include "base/event/signal_event.h"
#include "base/event/timer.h"
#include "base/unique_fd.h"
#include "conf/config.h"
#include "control/life.h"
#include "server/control_plane.h"
#include "server/doors.h"
#include "server/lost_ports.h"
#include "server/predecessor.h"
#include "server/program.h"
#include "server/successor.h"

namespace airlane {

class Server final : private Life {
 public:
  // `predecessor` is null for a start from nothing.
  Server(const Config& config, ThisProgram program, std::unique_ptr<Predecessor> predecessor);

  // Starts, runs until it is told to end, ends. Why it could not start otherwise; then a
  // predecessor knows it and goes on.
  Outcome<Done> run();

 private:
  enum class Stage { kStarting, kServing, kPreparing, kDraining };

  Outcome<Done> start();
  Outcome<Done> prepare();
  Outcome<Done> serve();
  Outcome<Done> start_control();
  void give_back(const Failure& why);
  void say_ready() const;
  void stop();

  // Life
  [[nodiscard]] State state() const override;
  Outcome<Done> upgrade() override;

  void on_end();
  void on_upgrade();
  void on_hang_up();
  void drain(std::string_view why);
  void look_at_drain();
  void hand_over();
  void go_on();
  void upgrade_failed(const Failure& failure);
  void lose(std::span<const std::uint16_t> ports);
  void tell_predecessor(const World& world);
  void forget_predecessor();

  const Config& config_;
  const ThisProgram program_;
  Stage stage_ = Stage::kStarting;
  Loop loop_;
  std::unique_ptr<Predecessor> predecessor_;
  std::optional<LostPorts> lost_ports_;  // While the predecessor has connections.
  UniqueFd state_folder_;
  UniqueFd network_;
  Doors doors_;
  DataPath data_;
  std::unique_ptr<ControlPlane> control_;  // Null after a hand-over, and while it does not start.
  std::unique_ptr<Successor> successor_;
  std::string upgrade_failure_;
  Monotonic::time_point drained_until_{};
  Timer look_;
  Timer again_;
  SignalEvent terminated_{loop_, SIGTERM, Callback<void()>::to<&Server::on_end>(*this)};
  SignalEvent interrupted_{loop_, SIGINT, Callback<void()>::to<&Server::on_end>(*this)};
  SignalEvent upgraded_{loop_, SIGUSR2, Callback<void()>::to<&Server::on_upgrade>(*this)};
  SignalEvent hung_up_{loop_, SIGHUP, Callback<void()>::to<&Server::on_hang_up>(*this)};
};

}  // namespace airlane
