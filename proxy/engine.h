// The data path as the control plane sees it: started once, told about the world, stopped once.
//
// Owned by main, called on the control thread only. Owns the workers: one thread, one loop and one
// listener per proxy port each.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "proxy/count.h"
#include "proxy/guard.h"
#include "proxy/source_seats.h"
#include "proxy/udp_seats.h"
#include "proxy/world.h"

namespace airlane {

class AccessLog;
class TargetReports;
class Worker;

// One deadline per stage of the data path, in its order, and for those that move bytes: how
// long they may be silent.
struct StageTimeouts {
  std::chrono::milliseconds detect{10'000};
  std::chrono::milliseconds authenticate{10'000};
  std::chrono::milliseconds resolve{5'000};
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds bind{60'000};
  std::chrono::milliseconds relay{300'000};
  std::chrono::milliseconds associate{120'000};
};

struct EngineOptions {
  unsigned workers = 1;  // At least one.
  Address listen;        // Of the proxy ports; the port is ignored.
  StageTimeouts timeouts;
  std::size_t socket_buffers = 0;          // Bytes of each; 0: as the kernel thinks best.
  std::chrono::microseconds busy_poll{0};  // How long to look for events before sleeping.
  std::string via;                         // Our name in Via; empty: no Via.
  std::size_t names_most = 1024;  // Remembered, and asked for, by each worker and for each dongle.
  unsigned associations_most = 1024;        // Of UDP, per proxy.
  GuardRules guard;                         // Against guessing passwords.
  std::size_t connections_most = SIZE_MAX;  // Over all workers; one more is closed unanswered.
  std::vector<Cidr> fronts;         // Balancers: their connections begin with a PROXY header.
  AccessLog* access_log = nullptr;  // These two are borrowed, and
  TargetReports* target_reports = nullptr;  // must outlive the engine.
};

// What has become of the connections since the start; see tally.h. Sums over the workers.
struct Statistics {
  struct Ended {
    std::string_view stage;
    std::string_view error;  // Its label; empty for those that ended well.
    std::uint64_t count;
  };
  struct Dropped {
    std::string_view reason;
    std::uint64_t count;
  };
  struct Spoken {
    std::string_view protocol;  // Empty: unknown.
    std::uint64_t count;
  };

  std::uint64_t accepted = 0;
  std::uint64_t turned_away = 0;
  std::uint64_t clients_blocked = 0;  // For guessing passwords; each time anew.
  std::uint64_t active = 0;
  std::vector<Ended> ended;    // Every stage with every error.
  std::vector<Spoken> spoken;  // By those that have ended.
  std::uint64_t streams = 0;   // Of HTTP/2, begun.
  std::vector<Ended> streams_ended;
  std::vector<Dropped> datagrams_dropped;  // Of UDP ASSOCIATE.
};

class Engine {
 public:
  // `counters` is borrowed and must outlive the engine. `inherited` are listening sockets of the
  // process before this one, on which its workers go on accepting: whatever waits in their queues
  // is served. Those whose port is not in the first World are closed.
  Engine(const EngineOptions& options, CounterFile& counters, std::vector<UniqueFd> inherited = {});
  Engine(Engine&&) = delete;
  ~Engine();  // Closes every connection and joins the threads.

  // Whether `port` could be listened on now: kConflict when another program has it.
  [[nodiscard]] Outcome<Done> probe(std::uint16_t port) const;

  // Every worker takes the new picture over on its own thread: ports appear and vanish, sessions
  // of removed proxies, ended rentals and raised generations are closed. Returns at once.
  void publish(const std::shared_ptr<const World>& world);
  // Calls `then` once, when every worker goes by what was published before; on a worker's thread.
  void when_adopted(const std::function<void()>& then);

  // The listening sockets of all workers, still theirs; valid until the next publish() or drain().
  [[nodiscard]] std::vector<int> listeners() const;
  // Accepts no more, for good: listeners are closed when this returns. Connections go on; HTTP
  // clients that would keep theirs are told to close them.
  void drain();
  // Those of now.
  [[nodiscard]] std::size_t connections() const noexcept {
    return connections_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] Statistics statistics() const;
  // Clients that were blocked since the last call.
  [[nodiscard]] BlockReports::News take_blocked() { return guard_.reports().take(); }

 private:
  template <class Pick>
  [[nodiscard]] std::uint64_t sum(Pick pick) const;

  EngineOptions options_;
  std::atomic<std::size_t> connections_{0};
  SourceSeats source_seats_;
  Guard guard_;
  UdpSeats udp_seats_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace airlane
