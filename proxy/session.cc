#include "proxy/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/socket_options.h"
#include "proxy/tally.h"
#include "proxy/worker.h"

namespace airlane {
namespace {

constexpr std::chrono::milliseconds kFarewellLimit{2000};
// How often those who move bytes, or might, are looked at.
constexpr std::chrono::seconds kLook{10};
// A tunnel that is older than this is worth the system calls for a long life.
constexpr std::chrono::milliseconds kShortLife{1000};
constexpr Error kProxyIsGone{Errc::kClosing, "keep proxy"};

template <class... Stage>
constexpr auto names_of(const std::variant<Stage...>*) {
  return std::array<std::string_view, sizeof...(Stage)>{Stage::kName...};
}

// Whether what was connected by the one may go on by the other.
bool same_way(const std::shared_ptr<const Egress>& one,
              const std::shared_ptr<const Egress>& other) {
  return one && other && one->dongle == other->dongle && one->generation == other->generation;
}

// Null when the proxy's dongle is unknown.
std::shared_ptr<const Egress> egress_of(const ProxyPort& proxy, const World& world) {
  const auto found = world.egresses.find(proxy.dongle);
  return found == world.egresses.end() ? nullptr : found->second;
}

}  // namespace

Session::Session(Worker& worker, UniqueFd client, const Address& source, std::uint16_t port,
                 std::shared_ptr<Bridge> bridge)
    : worker_(worker),
      flow_(worker.bench(), source, Callback<void()>::to<&Session::drive>(*this),
            std::move(bridge)),
      alarm_(worker.bench().reactor, Callback<void()>::to<&Session::on_time>(*this)),
      stage_(std::in_place_type<Detect>, flow_),
      port_(port) {
  // The kernel gives us a client when it has spoken (TCP_DEFER_ACCEPT), so reading is worth a try.
  flow_.client.take(std::move(client), Readiness(Readiness::kReadable | Readiness::kWritable));
  if (!flow_.bridge && worker.is_front(source)) flow_.handshake->proxy_header.emplace();
  if (worker.access_log()) Report::begin(flow_, port);
}

void Session::start(List::iterator self) {
  self_ = self;
  flow_.last_moved = flow_.bench.reactor.now();
  alarm_.start(worker_.timeouts().detect);
  if (const auto watched = flow_.client.watch(); !watched) return end_with(watched.error());
  if (!refresh()) return end_with(kProxyIsGone);
  drive();
}

void Session::drive() {
  if (retired_ || std::exchange(driving_, true)) return;  // Called back from inside advance().
  for (;;) {
    const auto step = std::visit([](auto& stage) { return stage.advance(); }, stage_);
    if (!step) {
      fail(step.error());
    } else if (*step == Step::kNext) {
      enter_next();
    } else if (*step == Step::kDone && std::holds_alternative<Forward>(stage_)) {
      enter<Farewell>(kFarewellLimit, std::string());
    } else {
      if (*step == Step::kDone) retire();
      if (*step == Step::kAgain) worker_.call_again(*this);
      break;
    }
    if (retired_) break;
  }
  driving_ = false;
}

// The data path, one line per row of the table in session.h.
void Session::enter_next() {
  const auto& limits = worker_.timeouts();
  if (std::holds_alternative<Detect>(stage_)) {
    if (!refresh()) return end_with(kProxyIsGone);
    if (!flow_.seat && !claim_source_seat()) {
      return abort({Errc::kOverLimit, kProxyLimits.connections_per_source});
    }
    if (flow_.protocol == Protocol::kTls) return hand_over_to_tls();
    flow_.handshake->reset_request();
    enter<Authenticate>(limits.authenticate);
  } else if (std::holds_alternative<Authenticate>(stage_)) {
    if (!refresh()) return end_with(kProxyIsGone);
    Report::request(flow_);
    enter_after_authenticate();
  } else if (std::holds_alternative<Resolve>(stage_)) {
    flow_.errand == Errand::kBind ? enter<Bind>(limits.bind) : enter<Connect>(limits.connect);
  } else if (std::holds_alternative<Connect>(stage_) || std::holds_alternative<Bind>(stage_)) {
    flow_.last_moved = flow_.bench.reactor.now();
    limit_bytes();
    enter_moving();
  } else if (std::holds_alternative<Forward>(stage_)) {
    after_forward();
  } else {
    retire();
  }
}

void Session::after_forward() {
  const auto& limits = worker_.timeouts();
  Report::tell_targets(flow_, worker_.target_reports(), worker_.index());
  flow_.rest(Way::kUp);
  flow_.rest(Way::kDown);
  if (flow_.tunnel) return enter_moving();
  if (!flow_.handshake->stale) return enter<Detect>(limits.relay);
  flow_.close_upstream();
  enter<Resolve>(limits.resolve);
}

void Session::enter_after_authenticate() {
  const auto& limits = worker_.timeouts();
  auto& answer = flow_.handshake->answer;
  if (!answer.empty()) return enter<Farewell>(kFarewellLimit, std::move(answer));
  if (may_reuse_upstream()) {
    limit_bytes();
    return enter_moving();
  }
  flow_.close_upstream();
  if (flow_.errand == Errand::kAssociate) {
    flow_.last_moved = flow_.bench.reactor.now();
    limit_bytes();
    enter<Associate>(std::min<std::chrono::milliseconds>(limits.associate, kLook));
  } else if (flow_.errand == Errand::kBind && names_nobody(flow_.handshake->target)) {
    enter<Bind>(limits.bind);
  } else {
    enter<Resolve>(limits.resolve);
  }
}

// The first deadline is not one of silence yet: see on_time().
void Session::enter_moving() {
  const auto first = std::min(worker_.timeouts().relay, kShortLife);
  flow_.tunnel ? enter<Relay>(first) : enter<Forward>(first);
}

template <class Stage, class... Args>
void Session::enter(std::chrono::milliseconds deadline, Args&&... args) {
  alarm_.start(deadline);
  stage_.emplace<Stage>(flow_, std::forward<Args>(args)...);
  report_.enter(stage_.index(), flow_);
}

bool Session::refresh() {
  const auto world = worker_.world();
  const auto port = world->ports.find(port_);
  if (port == world->ports.end()) return false;
  flow_.proxy = port->second;
  flow_.egress = egress_of(*flow_.proxy, *world);
  flow_.destinations = world->destinations;
  flow_.counters.slot = &worker_.slot(flow_.proxy->counter_row);
  flow_.row = worker_.row(flow_.proxy->counter_row);
  return true;
}

bool Session::claim_source_seat() {
  if (flow_.bridge) {  // The client's connection has had one since before its TLS.
    flow_.source_is_over = flow_.bridge->origin->source_is_over;
    return true;
  }
  const auto most = flow_.proxy->limits.connections_per_source;
  if (most == 0) return true;
  // These are still told why; what comes beyond is a flood.
  const auto told = std::max(16U, most / 4);
  auto taken = flow_.bench.source_seats.take(source_key(flow_.proxy->id, flow_.source));
  flow_.source_seat = std::move(taken.seat);
  flow_.source_is_over = taken.count > most;
  return taken.count <= most + told;
}

void Session::limit_bytes() {
  flow_.limit_bytes();
  if (!flow_.throttle) return;
  cap_receive_buffer(flow_.client.fd(), flow_.throttle->receive_buffer(Way::kUp));
  if (flow_.upstream)
    cap_receive_buffer(flow_.upstream.fd(), flow_.throttle->receive_buffer(Way::kDown));
}

void Session::adopt_limits(std::shared_ptr<const ProxyPort> proxy,
                           std::shared_ptr<const Account> credential) {
  const auto differ = [](const auto& before, const auto& now) {
    return before != now && before->limits != now->limits;
  };
  bool changed = differ(flow_.proxy, proxy);
  flow_.proxy = std::move(proxy);
  if (credential) {
    changed |= differ(flow_.credential->account, credential);
    flow_.credential->account = std::move(credential);
  }
  if (!changed) return;
  limit_bytes();
  drive();  // It may have waited for a limit that there is no more.
}

bool Session::may_reuse_upstream() {
  return !flow_.tunnel && flow_.upstream &&
         flow_.handshake->upstream_target == flow_.handshake->target &&
         same_way(flow_.upstream_egress, flow_.egress) && flow_.egress->up &&
         flow_.upstream_looks == flow_.proxy->looks &&
         is_idle(flow_.upstream, is_idempotent(flow_.handshake->request.method));
}

bool Session::is_moving_bytes() const noexcept {
  return std::holds_alternative<Relay>(stage_) || std::holds_alternative<Forward>(stage_) ||
         std::holds_alternative<Associate>(stage_);
}

bool Session::is_on_its_way_out() const noexcept {
  return std::holds_alternative<Resolve>(stage_) || std::holds_alternative<Connect>(stage_) ||
         std::holds_alternative<Bind>(stage_);
}

// An end that was reset, while the other does not take what there is, has nothing to wait for.
bool Session::has_lost_an_end(Monotonic::duration silent) const noexcept {
  const auto is_lost = [silent](const End& end) {
    return end && ((end.ready().failed() && silent >= kLook) || is_dead(end.fd()));
  };
  return is_lost(flow_.client) || is_lost(flow_.upstream);
}

// While bytes move the deadline is one of silence; it is looked at when it comes, not pushed along
// by every byte. The first look comes early, to find out who has come to stay.
void Session::on_time() {
  if (is_moving_bytes()) {
    const auto& limits = worker_.timeouts();
    const bool udp = std::holds_alternative<Associate>(stage_);
    const auto limit = udp ? limits.associate : limits.relay;
    const auto silent = flow_.bench.reactor.now() - flow_.last_moved;
    if (silent < limit) {
      if (const auto settled = settle_upstream(); !settled) return abort(settled.error());
      if (has_lost_an_end(silent)) {
        fail(Error{Errc::kBroken, "reach both ends"});
        return drive();
      }
      Report::tell_targets(flow_, worker_.target_reports(), worker_.index());
      const auto left = std::chrono::duration_cast<std::chrono::microseconds>(limit - silent);
      return alarm_.start(std::min<std::chrono::microseconds>(left, kLook) +
                          std::chrono::milliseconds(1));
    }
  }
  if (std::holds_alternative<Farewell>(stage_)) return retire();
  fail(Error{std::holds_alternative<Resolve>(stage_) ? Errc::kNamesTimedOut
             : is_moving_bytes()                     ? Errc::kSilent
                                                     : Errc::kTimedOut,
             "wait"});
  drive();
}

void Session::hand_over_to_tls() {
  if (!worker_.world()->tls) return fail(Error{Errc::kUnsupported, "begin TLS"});
  auto origin = std::make_shared<Origin>();
  origin->source = flow_.source;
  origin->local = own_address(flow_.client.fd()).value_or(Address());
  origin->port = port_;
  origin->proxy = flow_.proxy->id;
  origin->source_seat = std::make_shared<SourceSeat>(std::move(flow_.source_seat));
  origin->source_is_over = flow_.source_is_over;
  if (const auto* const record = flow_.counters.record()) {
    origin->balancer = record->front;
    origin->begun = record->begun;
    origin->started = record->started;
  }
  worker_.begin_tls(flow_.client.release(), std::move(origin), std::move(flow_.handshake->early));
  // Not the end of a connection: that is for the front to report, or for the session inside.
  retired_ = true;
  alarm_.cancel();
  worker_.retire(*this);
}

void Session::fail(const Error& error) {
  report_.fail(error, flow_);
  auto answer = std::visit([&](auto& stage) { return stage.refusal(error); }, stage_);
  if (!answer.empty()) return enter<Farewell>(kFarewellLimit, std::move(answer));
  if (is_moving_bytes()) return abort(error);
  retire();
}

void Session::abort(const Error& why) {
  if (flow_.bridge) flow_.bridge->session_cut = true;
  if (flow_.client) reset_on_close(flow_.client.fd());
  if (flow_.upstream) reset_on_close(flow_.upstream.fd());
  end_with(why);
}

void Session::end_with(const Error& why) {
  report_.fail(why, flow_);
  retire();
}

// The target's socket has lived long enough to be worth the system calls.
Status Session::settle_upstream() {
  if (std::exchange(flow_.upstream_settled, true)) return Done{};
  return prepare_for_long(flow_.upstream.fd());
}

void Session::retire() {
  if (std::exchange(retired_, true)) return;
  alarm_.cancel();
  leave_seat_to_connection();
  Report::tell_targets(flow_, worker_.target_reports(), worker_.index());
  report_.end(flow_, worker_.tally(), worker_.access_log(), worker_.index());
  worker_.retire(*this);
}

// As long as the client's connection is there it has a place at the proxy, whether or not it has a
// stream at the moment.
void Session::leave_seat_to_connection() {
  if (!flow_.bridge || !flow_.seat || flow_.bridge->origin->seat) return;
  flow_.bridge->origin->seat = std::make_shared<Seat>(std::move(flow_.seat));
}

void Session::check(WallSeconds now) {
  if (retired_) return;
  const auto& world = *worker_.world();
  const auto port = world.ports.find(port_);
  if (port == world.ports.end() || port->second->id != flow_.proxy->id) return abort(kProxyIsGone);
  const auto credential =
      flow_.credential ? credential_of(*port->second, flow_.credential->account->id) : nullptr;
  if (flow_.credential && !credential) return abort({Errc::kClosing, "keep credential"});
  if (is_moving_bytes()) {
    auto over = why_over(*port->second, flow_.row, now);
    if (!over && credential) over = why_over(*credential, flow_.credential->row, now);
    if (over) return abort(*over);
  }
  const auto egress = egress_of(*port->second, world);
  if (is_moving_bytes()) {
    if (!same_way(flow_.upstream_egress, egress)) return abort({Errc::kClosing, "keep egress"});
    flow_.destinations = world.destinations;  // Datagrams keep to the rules of their time.
    adopt_limits(port->second, credential);
    Report::follow(flow_);
  } else if (is_on_its_way_out()) {
    if (!flow_.egress || same_way(flow_.egress, egress)) return;
    fail(Error{Errc::kNoEgress, "keep egress"});
    drive();
  } else if (flow_.upstream && !same_way(flow_.upstream_egress, egress)) {
    flow_.close_upstream();  // Kept for a next request, which will go another way.
  }
}

std::span<const std::string_view> Session::stage_names() noexcept {
  static constexpr auto kNames = names_of(static_cast<Stages*>(nullptr));
  static_assert(kNames.size() <= Tally::kMostStages);
  static_assert(static_cast<std::size_t>(kLastProtocol) < Tally::kMostProtocols);
  return kNames;
}

}  // namespace airlane
