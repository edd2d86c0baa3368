// A client that came in by TLS, from the bytes that told so to the end of its connection.
//
//   the handshake   until it is complete                     limits.handshake, from the beginning
//   the protocol    as ALPN says: HTTP/2, else HTTP/1.1      limits.idle without a byte, or without
//                   or SOCKS, whichever it turns out to be   a session; limits.handshake for the
//                                                            first
//   the end         ours is said, the client's is awaited    2 s
//
// A client that is cut off (a reset, or an end without close_notify) is a cut for its sessions, and
// a session that is cut off resets its client: nobody takes a part for the whole.
//
// What a slow client does not take waits here, at most kPiece, and nothing more is taken from its
// sessions meanwhile; what a slow session does not take waits likewise.
//
// Owned by the worker, on its thread.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>

#include "base/event/alarm.h"
#include "base/event/watch.h"
#include "base/tls/connection.h"
#include "base/unique_fd.h"
#include "proxy/front/client_protocol.h"
#include "proxy/front/host.h"

namespace airlane {

class TlsFront {
 public:
  using List = std::list<TlsFront>;
  struct Limits {
    std::chrono::milliseconds handshake;
    std::chrono::milliseconds idle;
  };
  static constexpr std::size_t kPiece = 32 << 10;

  // `early` is what has been read from `client` already.
  TlsFront(FrontHost& host, std::shared_ptr<Origin> origin, UniqueFd client, std::string early,
           std::shared_ptr<const TlsServerContext> context, const Limits& limits);
  TlsFront(TlsFront&&) = delete;

  // After construction; `self` is its place in the worker's list.
  void start(List::iterator self);
  void drive();
  void drain();                  // Begins nothing new; also before start().
  void abort(const Error& why);  // Ends at once, by a reset.
  void close();                  // The server stops: likewise.

  [[nodiscard]] Origin& origin() const noexcept { return *origin_; }
  [[nodiscard]] List::iterator self() const noexcept { return self_; }

 private:
  Status advance();
  Result<bool> shake_hands();
  Result<std::size_t> move_down();  // To the client.
  Result<std::size_t> move_up();
  Status finish();
  void on_event(Readiness) { drive(); }
  void on_change() { ask_for_turn(); }
  void ask_for_turn();  // Once, however many streams have changed.
  void on_time();
  void note_activity(bool moved);
  [[nodiscard]] Monotonic::time_point deadline() const;
  void retire(const Error* why = nullptr);

  FrontHost& host_;
  List::iterator self_;
  const std::shared_ptr<Origin> origin_;
  const Limits limits_;
  UniqueFd client_;
  TlsConnection tls_;
  std::unique_ptr<ClientProtocol> protocol_;  // After the handshake.
  std::string rest_;                          // For the client.
  bool client_ended_ = false;
  bool ended_ = false;  // Our stream.
  bool lingering_ = false;
  bool served_ = false;  // There has been a session.
  bool draining_ = false;
  bool turn_asked_ = false;
  bool retired_ = false;
  Monotonic::time_point last_moved_;
  Monotonic::time_point last_busy_;
  Watch watch_;
  Alarm alarm_;
};

}  // namespace airlane
