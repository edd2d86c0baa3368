// One client connection, from the accepted descriptor to the last byte counted.
//
//   stage          holds                      leaves when                         deadline
//   Detect         the client socket          one byte tells the protocol         timeouts.detect
//   Authenticate   a protocol handshake       a request is complete and allowed   .authenticate
//   Resolve        one DNS question           addresses arrive via the dongle     .resolve
//   Connect        the target socket          the socket, bound to it, connects   .connect
//   Bind           a listening socket         the peer has connected              .bind
//   Relay          both sockets, a pipe for   both directions have ended          .relay, idle
//                  bulk, only in flight
//   Forward        both sockets, one HTTP     the response has been handed on     .relay, idle
//                  exchange
//   Associate      UDP sockets of both ends   the client's connection ends        .associate, idle
//   Farewell       the client socket          our last answer has been taken      2 s
//
// A client that begins with TLS is handed over to a front after Detect; what it says inside its TLS
// comes back as sessions of their own (proxy/front/host.h).
//
// Stages are entered in this order. A tunnel ends after Relay. After Forward a client that keeps
// its connection goes back to Detect for its next request, and a target that keeps its own is met
// again without Resolve and Connect. Should its kept connection turn out to be dead, Forward goes
// back to Resolve, once; should it change the protocol (101), Forward is followed by Relay. These
// arrows, in enter_next(), are the only ones that do not point down. BIND has Bind instead of
// Connect, and needs no Resolve when anybody may come; UDP ASSOCIATE goes from Authenticate
// straight to Associate. An Error in any stage answers the client in its own protocol by way of
// Farewell, or, where an answer would come too late, resets both ends so that nobody takes a cut
// for an end.
//
// The stage *is* the state: `stage_` is the one object at work, with its handles. Moving on
// destroys it, so nothing of an old stage can fire into a new one. Both descriptors are registered
// once, edge-triggered, for as long as they live; what is known of their readiness is in their End.
//
// Control flow lives in `drive` and nowhere else. A stage never touches the session: it answers a
// Step or an Error and returns, so no object dies while one of its methods is running. A library
// that calls back from inside `advance` only leaves its answer behind; drive() picks it up.
//
// Owned by its Worker, on that worker's thread, which frees it at the end of the loop turn in which
// it was retired.
#pragma once

#include <list>
#include <span>
#include <string_view>
#include <variant>

#include "base/event/alarm.h"
#include "proxy/associate.h"
#include "proxy/authenticate.h"
#include "proxy/bind.h"
#include "proxy/block_pool.h"
#include "proxy/connect.h"
#include "proxy/detect.h"
#include "proxy/farewell.h"
#include "proxy/flow.h"
#include "proxy/forward.h"
#include "proxy/relay.h"
#include "proxy/report.h"
#include "proxy/resolve.h"

namespace airlane {

class Worker;

class Session {
 public:
  using List = std::list<Session, BlockAllocator<Session>>;
  using Stages = std::variant<Detect, Authenticate, Resolve, Connect, Bind, Relay, Forward,
                              Associate, Farewell>;

  // `bridge` when the client is the other end of a front's pair.
  Session(Worker& worker, UniqueFd client, const Address& source, std::uint16_t port,
          std::shared_ptr<Bridge> bridge = nullptr);
  Session(Session&&) = delete;

  // After construction: registers the client and takes the first step. `self` is its place in the
  // worker's list.
  void start(List::iterator self);
  void drive();  // Every readiness and DNS callback of a session ends up here.
  // The world has changed, or the proxy may not be used any more: ends what may not go on. A tunnel
  // whose proxy is gone, whose rental is over or whose dongle has begun another generation is reset
  // at both ends; a request on its way out by such a dongle is refused.
  void check(WallSeconds now);

  // The server stops: a reset, because what was under way is not whole.
  void close() { abort({Errc::kClosing, "stop"}); }

  [[nodiscard]] std::string_view stage_name() const { return stage_names()[stage_.index()]; }
  // In the order of `Stages`.
  static std::span<const std::string_view> stage_names() noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] const Bridge* bridge() const noexcept { return flow_.bridge.get(); }
  [[nodiscard]] List::iterator self() const noexcept { return self_; }

 private:
  void on_time();
  bool refresh();  // Takes the current picture into the flow; false when the proxy is gone.
  void enter_next();
  void enter_moving();
  void after_forward();
  void hand_over_to_tls();
  void fail(const Error& error);
  void abort(const Error& why);  // Both ends are reset, so that nobody takes the cut for an end.
  void end_with(const Error& why);
  void retire();
  template <class Stage, class... Args>
  void enter(std::chrono::milliseconds deadline, Args&&... args);
  void enter_after_authenticate();
  [[nodiscard]] bool is_moving_bytes() const noexcept;
  [[nodiscard]] bool is_on_its_way_out() const noexcept;
  [[nodiscard]] bool may_reuse_upstream();
  Status settle_upstream();
  [[nodiscard]] bool has_lost_an_end(Monotonic::duration silent) const noexcept;
  void leave_seat_to_connection();
  bool claim_source_seat();  // False when the client has so many that it gets no answer.
  void limit_bytes();        // Makes, changes or removes the throttle, as the limits say.
  void adopt_limits(std::shared_ptr<const ProxyPort> proxy,  // While bytes move.
                    std::shared_ptr<const Account> credential);

  Worker& worker_;
  List::iterator self_;
  Flow flow_;
  Alarm alarm_;
  Stages stage_;
  const std::uint16_t port_;
  Report report_;
  bool driving_ = false;
  bool retired_ = false;
};

}  // namespace airlane
