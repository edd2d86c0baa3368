#include "proxy/worker.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/log.h"
#include "proxy/target_reports.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::size_t kSessionsKept = 1024;  // Blocks of memory, for the next ones.

}  // namespace

Worker::Worker(std::uint32_t index, const EngineOptions& options, CounterFile& counters,
               Shared shared, Inherited inherited)
    : index_(index),
      options_(options),
      counters_(counters),
      connections_(shared.connections),
      thread_("worker-" + std::to_string(index)),
      bench_(thread_.reactor(), buffer_, options.socket_buffers, options.names_most, counters,
             index, shared.source_seats, shared.guard, shared.udp_seats, tally_),
      world_(std::make_shared<const World>()),
      inherited_(std::move(inherited)),
      memory_(kSessionsKept),
      tick_(thread_.reactor(), Callback<void()>::to<&Worker::on_tick>(*this)) {
  thread_.reactor().set_busy_poll(options.busy_poll);
  bench_.via = options.via;
  tick_.start(kTick);
}

Worker::~Worker() {
  thread_.stop();
  listeners_.clear();
  while (!tls_fronts_.empty()) tls_fronts_.front().close();
  retired_fronts_.clear();
  while (!sessions_.empty()) sessions_.front().close();
  retired_.clear();
}

void Worker::publish(std::shared_ptr<const World> world) {
  thread_.post([this, world = std::move(world)]() mutable { adopt(std::move(world)); });
}

void Worker::accepted(UniqueFd client, const Address& source, std::uint16_t port) {
  if (!take_place()) return;
  Tally::add(tally_.accepted);
  sessions_.emplace_front(*this, std::move(client), source, port);
  sessions_.front().start(sessions_.begin());
}

bool Worker::is_front(const Address& source) const noexcept {
  return std::any_of(options_.fronts.begin(), options_.fronts.end(),
                     [&](const Cidr& network) { return network.contains(source); });
}

bool Worker::take_place() {
  // One line for all workers: it moves once per connection, not per byte.
  if (connections_.fetch_add(1, std::memory_order_relaxed) < options_.connections_most) return true;
  give_place();
  Tally::add(tally_.turned_away);
  return false;
}

void Worker::begin_tls(UniqueFd client, std::shared_ptr<Origin> origin, std::string early) {
  connections_.fetch_add(1, std::memory_order_relaxed);  // In the place of the session that ends.
  FrontHost& host = *this;  // A private base, which the list could not see.
  tls_fronts_.emplace_front(
      host, std::move(origin), std::move(client), std::move(early), world_->tls,
      TlsFront::Limits{options_.timeouts.authenticate, options_.timeouts.relay});
  if (bench_.draining) tls_fronts_.front().drain();
  tls_fronts_.front().start(tls_fronts_.begin());
}

bool Worker::start_session(UniqueFd socket, std::shared_ptr<Bridge> bridge) {
  auto& origin = *bridge->origin;
  if (origin.sessions > 0 && !take_place()) return false;
  ++origin.sessions;
  origin.served = bridge->inside;
  if (bridge->inside == Inside::kStream) Tally::add(tally_.streams);
  sessions_.emplace_front(*this, std::move(socket), origin.source, origin.port, std::move(bridge));
  sessions_.front().start(sessions_.begin());
  return true;
}

void Worker::call_again(TlsFront& front) {
  again_fronts_.push_back(&front);
  ask_for_sweep();
}

void Worker::retire(TlsFront& front, const Error* why) {
  auto& origin = front.origin();
  Report::end_front(origin, why, bench_.reactor.now(), tally_, access_log(), index_);
  retired_fronts_.splice(retired_fronts_.end(), tls_fronts_, front.self());
  origin.fronted = false;
  if (origin.sessions == 0) give_place();
  ask_for_sweep();
}

void Worker::adopt(std::shared_ptr<const World> world) {
  // The old picture goes last: when nobody holds it any more, every worker has adopted the new one.
  const auto before = std::exchange(world_, std::move(world));
  std::erase_if(unopened_, [this](auto port) { return !world_->ports.contains(port); });
  std::erase_if(listeners_,
                [this](const auto& item) { return !world_->ports.contains(item.first); });
  open_missing_listeners();
  check_sessions([](auto) { return true; });
  check_fronts();
  bench_.resolvers.adopt(*world_);
}

void Worker::open_missing_listeners() {
  if (bench_.draining) return;
  for (auto& [port, socket] : std::exchange(inherited_, {})) {
    if (world_->ports.contains(port)) listen_on(std::move(socket), port);
  }
  for (const auto& [port, proxy] : world_->ports) {
    if (listeners_.contains(port)) continue;
    auto where = options_.listen;
    where.set_port(port);
    auto socket = open_listener(where, {.shared = true, .socket_buffers = options_.socket_buffers});
    if (!socket) {
      // The control plane has tried the port before it published it: somebody was faster. Said
      // once, by one worker, and tried again with every tick.
      if (unopened_.insert(port).second && index_ == 0) {
        log::error("cannot listen on " + where.to_string() + " (proxy " +
                   std::to_string(proxy->id) + "), trying again: " + describe(socket.error()));
      }
      continue;
    }
    if (unopened_.erase(port) > 0 && index_ == 0) log::info("listening on " + where.to_string());
    listen_on(*std::move(socket), port);
  }
}

void Worker::listen_on(UniqueFd socket, std::uint16_t port) {
  Acceptor& acceptor = *this;  // A private base, which make_unique could not see.
  listeners_.emplace(port,
                     std::make_unique<Listener>(bench_.reactor, std::move(socket), port, acceptor));
}

void Worker::list_listeners(std::vector<int>& all) const {
  for (const auto& [port, listener] : listeners_) all.push_back(listener->fd());
}

void Worker::drain() {
  bench_.draining = true;
  listeners_.clear();
  for (auto& front : tls_fronts_) front.drain();
}

template <class Concerned>
void Worker::check_sessions(Concerned concerned) {
  const auto now = wall_now();
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    const auto next = std::next(session);  // Ending takes a session out of the list.
    if (concerned(session->port())) session->check(now);
    session = next;
  }
}

void Worker::check_fronts() {
  for (auto front = tls_fronts_.begin(); front != tls_fronts_.end();) {
    const auto next = std::next(front);  // Ending takes a front out of the list.
    if (!world_->ports.contains(front->origin().port)) front->abort({Errc::kClosing, "keep proxy"});
    front = next;
  }
}

void Worker::call_again(Session& session) {
  again_.push_back(&session);
  ask_for_sweep();
}

void Worker::retire(Session& session) {
  retired_.splice(retired_.end(), sessions_, session.self());
  const auto* const bridge = session.bridge();
  if (bridge == nullptr || --bridge->origin->sessions > 0 || !bridge->origin->fronted) give_place();
  ask_for_sweep();
}

void Worker::ask_for_sweep() {
  if (std::exchange(sweeping_, true)) return;
  bench_.reactor.defer(Callback<void()>::to<&Worker::sweep>(*this));
}

void Worker::sweep() {
  // Whatever asks for another turn or retires from now on belongs to the next sweep, and every
  // pointer in `again` is good until `retired` goes out of scope.
  sweeping_ = false;
  Session::List retired(retired_.get_allocator());
  retired.swap(retired_);
  TlsFront::List retired_fronts;
  retired_fronts.swap(retired_fronts_);
  for (auto* session : std::exchange(again_, {})) session->drive();
  for (auto* front : std::exchange(again_fronts_, {})) front->drive();
}

// A world is not published for a rental that runs out, nor for a quota that is used up.
bool Worker::is_over(const ProxyPort& proxy, WallSeconds now) noexcept {
  const auto over = [&](const Account& account) {
    return why_over(account, row(account.counter_row), now).has_value();
  };
  return over(proxy) || std::any_of(proxy.credentials.begin(), proxy.credentials.end(),
                                    [&](const auto& credential) { return over(*credential); });
}

void Worker::on_tick() {
  tick_.start(kTick);
  if (!unopened_.empty()) open_missing_listeners();
  if (options_.target_reports) options_.target_reports->tick(index_);
  const auto now = wall_now();
  std::set<std::uint16_t> over;
  for (const auto& [port, proxy] : world_->ports) {
    if (is_over(*proxy, now)) over.insert(port);
  }
  if (!over.empty()) check_sessions([&](auto port) { return over.contains(port); });
}

}  // namespace airlane
