// One thread of the data path: a loop, a listener on every proxy port, and the sessions that these
// accepted. A connection lives and dies on the worker that accepted it.
//
// Made, started and stopped by the Engine on the control thread; everything but `publish` and
// `post` belongs to the worker's own thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/event/alarm.h"
#include "base/event/reactor_thread.h"
#include "proxy/accept.h"
#include "proxy/engine.h"
#include "proxy/flow.h"
#include "proxy/front/host.h"
#include "proxy/front/tls_front.h"
#include "proxy/session.h"
#include "proxy/socket_options.h"
#include "proxy/tally.h"
#include "proxy/world.h"

namespace airlane {

class Worker final : private Acceptor, private FrontHost {
 public:
  using Inherited = std::multimap<std::uint16_t, UniqueFd>;  // Listening sockets by port.

  // What all workers count together: it moves once per connection, never per byte.
  struct Shared {
    std::atomic<std::size_t>& connections;
    SourceSeats& source_seats;
    Guard& guard;
    UdpSeats& udp_seats;
  };
  Worker(std::uint32_t index, const EngineOptions& options, CounterFile& counters, Shared shared,
         Inherited inherited);
  Worker(Worker&&) = delete;
  ~Worker();  // Stops the thread, then closes every connection.

  void start() { thread_.start(); }
  // From the control thread: the worker takes the picture over in one of its next turns.
  void publish(std::shared_ptr<const World> world);
  void post(Reactor::Task task) { thread_.post(std::move(task)); }

  // For the engine, on this thread.
  void list_listeners(std::vector<int>& all) const;
  void drain();  // No listener any more, whatever is published.

  // For its sessions.
  Workbench& bench() noexcept { return bench_; }
  [[nodiscard]] const std::shared_ptr<const World>& world() const noexcept { return world_; }
  [[nodiscard]] const StageTimeouts& timeouts() const noexcept { return options_.timeouts; }
  CounterSlot& slot(std::uint32_t row) noexcept { return counters_.slot(row, index_); }
  std::span<const CounterSlot> row(std::uint32_t row) noexcept { return counters_.row(row); }
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
  [[nodiscard]] bool is_front(const Address& source) const noexcept;
  [[nodiscard]] AccessLog* access_log() const noexcept { return options_.access_log; }
  [[nodiscard]] TargetReports* target_reports() const noexcept { return options_.target_reports; }
  Tally& tally() noexcept { return tally_; }  // Any thread may read it.
  void call_again(Session& session);          // drive() in the next turn of the loop.
  void retire(Session& session);              // Freed at the end of this one.
  // `early` has been read from `client` already. Only while the world has certificates.
  void begin_tls(UniqueFd client, std::shared_ptr<Origin> origin, std::string early);

 private:
  void accepted(UniqueFd client, const Address& source, std::uint16_t port) override;
  Reactor& reactor() override { return bench_.reactor; }
  bool start_session(UniqueFd socket, std::shared_ptr<Bridge> bridge) override;
  [[nodiscard]] bool is_dead(int fd) const noexcept override { return airlane::is_dead(fd); }
  void call_again(TlsFront& front) override;
  void retire(TlsFront& front, const Error* why) override;
  bool take_place();  // Among the connections; false when there are too many.
  void give_place() { connections_.fetch_sub(1, std::memory_order_relaxed); }
  void adopt(std::shared_ptr<const World> world);
  void open_missing_listeners();
  void listen_on(UniqueFd socket, std::uint16_t port);
  template <class Concerned>
  void check_sessions(Concerned concerned);  // Of the ports for which that is true.
  bool is_over(const ProxyPort& proxy, WallSeconds now) noexcept;
  void check_fronts();
  void ask_for_sweep();
  void sweep();    // Sessions that want another turn, and those that are done.
  void on_tick();  // Once a second: rentals that end, ports that could not be opened.

  const std::uint32_t index_;
  const EngineOptions options_;
  CounterFile& counters_;
  std::atomic<std::size_t>& connections_;
  Tally tally_;
  std::array<char, 64 << 10> buffer_;
  ReactorThread thread_;
  Workbench bench_;
  std::shared_ptr<const World> world_;
  Inherited inherited_;  // Until the first World.
  // One per port, or more while there were more workers before an upgrade.
  std::multimap<std::uint16_t, std::unique_ptr<Listener>> listeners_;
  std::set<std::uint16_t> unopened_;  // Ports that another program has.
  BlockPool memory_;                  // Of the sessions.
  Session::List sessions_{BlockAllocator<Session>(memory_)};
  Session::List retired_{BlockAllocator<Session>(memory_)};
  std::vector<Session*> again_;
  TlsFront::List tls_fronts_;  // What their sessions are for; destroyed before these.
  TlsFront::List retired_fronts_;
  std::vector<TlsFront*> again_fronts_;
  bool sweeping_ = false;  // A sweep has been asked for.
  Alarm tick_;
};

}  // namespace airlane
