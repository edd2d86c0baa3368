#include "proxy/engine.h"

#include <cerrno>
#include <functional>
#include <future>
#include <map>
#include <system_error>
#include <utility>

#include "proxy/accept.h"
#include "proxy/worker.h"

namespace airlane {
namespace {

// Stages that are two objects have one name.
void add_ended(std::vector<Statistics::Ended>& all, const Statistics::Ended& row) {
  for (auto& before : all) {
    if (before.stage != row.stage || before.error != row.error) continue;
    before.count += row.count;
    return;
  }
  all.push_back(row);
}

// Runs `task` on the worker's thread and waits for it.
void run_on(Worker& worker, const std::function<void(Worker&)>& task) {
  std::promise<void> done;
  worker.post([&] {
    task(worker);
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace

// The sockets of one port go to as many workers as there are, in turn: there may be more of them
// than workers now, and none may be closed while clients wait in its queue.
Engine::Engine(const EngineOptions& options, CounterFile& counters, std::vector<UniqueFd> inherited)
    : options_(options),
      guard_(options.guard),
      udp_seats_(counters.shape().rows, options.associations_most) {
  std::vector<Worker::Inherited> shares(options_.workers);
  std::map<std::uint16_t, std::size_t> turns;
  for (auto& socket : inherited) {
    const auto where = listening_address(socket.get());
    if (!where || !where->same_ip(options_.listen)) continue;
    const auto turn = turns[where->port()]++;
    shares[turn % shares.size()].emplace(where->port(), std::move(socket));
  }
  for (std::uint32_t index = 0; index < options_.workers; ++index) {
    workers_.push_back(std::make_unique<Worker>(
        index, options_, counters, Worker::Shared{connections_, source_seats_, guard_, udp_seats_},
        std::move(shares[index])));
  }
  for (auto& worker : workers_) worker->start();
}

Engine::~Engine() = default;

Outcome<Done> Engine::probe(std::uint16_t port) const {
  auto where = options_.listen;
  where.set_port(port);
  // Not shared: so it also collides with a listener that would share the port with us.
  const auto socket = open_listener(where, {.shared = false});
  if (socket) return Done{};
  const int error = socket.error().os_error;
  const auto reason = error == EADDRINUSE ? std::string("another program is listening there")
                                          : std::system_category().message(error);
  return Failure{Failure::Kind::kConflict, "cannot listen on " + where.to_string() + ": " + reason};
}

void Engine::publish(const std::shared_ptr<const World>& world) {
  for (auto& worker : workers_) worker->publish(world);
}

void Engine::when_adopted(const std::function<void()>& then) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (auto& worker : workers_) {
    worker->post([left, then] {
      if (--*left == 0) then();
    });
  }
}

std::vector<int> Engine::listeners() const {
  std::vector<int> all;
  for (const auto& worker : workers_) {
    run_on(*worker, [&](Worker& self) { self.list_listeners(all); });
  }
  return all;
}

void Engine::drain() {
  for (auto& worker : workers_) run_on(*worker, [](Worker& self) { self.drain(); });
}

template <class Pick>
std::uint64_t Engine::sum(Pick pick) const {
  std::uint64_t total = 0;
  for (const auto& worker : workers_) {
    total += pick(worker->tally())->load(std::memory_order_relaxed);
  }
  return total;
}

Statistics Engine::statistics() const {
  Statistics all;
  const auto names = Session::stage_names();
  for (std::size_t stage = 0; stage < names.size(); ++stage) {
    for (std::size_t error = 0; error < Tally::kErrors; ++error) {
      const auto label = error == 0 ? "" : metric_label(static_cast<Errc>(error - 1));
      const auto count = sum([&](const Tally& tally) { return &tally.ended[stage][error]; });
      add_ended(all.ended, {names[stage], label, count});
      const auto streams =
          sum([&](const Tally& tally) { return &tally.streams_ended[stage][error]; });
      add_ended(all.streams_ended, {names[stage], label, streams});
    }
  }
  for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastProtocol); ++i) {
    const auto count = sum([&](const Tally& tally) { return &tally.protocols[i]; });
    all.spoken.push_back({label(static_cast<Protocol>(i)), count});
  }
  for (std::size_t i = 0; i < kUdpDrops; ++i) {
    const auto count = sum([&](const Tally& tally) { return &tally.datagrams_dropped[i]; });
    all.datagrams_dropped.push_back({kUdpDropLabels[i], count});
  }
  // After those that ended, so that the difference is never negative.
  all.accepted = sum([](const Tally& tally) { return &tally.accepted; });
  all.turned_away = sum([](const Tally& tally) { return &tally.turned_away; });
  all.clients_blocked = guard_.reports().total();
  all.streams = sum([](const Tally& tally) { return &tally.streams; });
  all.active = all.accepted;
  for (const auto& row : all.ended) all.active -= row.count;
  return all;
}

}  // namespace airlane
