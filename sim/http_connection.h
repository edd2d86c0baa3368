// One connection of an HttpServer: read a request, reply, again.
//
//   phase     leaves when
//   Read      a whole request is here: its Reply decides what follows
//   Delay     the reply's delay is over
//   Write     all bytes are with the kernel; between the bytes of a dripping body: Drip
//   Drip      the next byte is due
//   Hang      the client goes
//   Linger    the client has read our FIN, or 2 s: a close at once could turn into a reset
//   Drain     the peer has acknowledged everything, or 2 s; then reset
//
// drive() is the only place that moves between phases. The owner frees it after `ended`, which is
// called once. While a reply is under way, up to 64 KiB of the next requests are read ahead.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/event/fd_event.h"
#include "base/event/timer.h"
#include "base/tls/crypto.h"
#include "base/unique_fd.h"
#include "sim/http_parser.h"
#include "sim/reply_writer.h"

namespace airlane::sim {

class HttpConnection {
 public:
  using Handler = Callback<Reply(const HttpRequest&)>;
  using Ended = Callback<void(HttpConnection&)>;

  HttpConnection(Loop& loop, UniqueFd fd, const Address& peer, Handler handler, Ended ended);

 private:
  enum class Phase : std::uint8_t { kRead, kDelay, kWrite, kDrip, kHang, kLinger, kDrain, kEnded };

  void on_readable();
  void on_writable();
  void on_time();

  void drive();
  bool read_request();  // Each: true when drive() shall go on.
  bool write_some();
  bool finish();
  void take_body(std::string_view piece);
  void begin(Reply reply);
  void drain();
  void end();

  UniqueFd fd_;
  Address peer_;
  Handler handler_;
  Ended ended_;
  Phase phase_ = Phase::kRead;
  bool eof_ = false;
  std::string ahead_;  // Received, not yet parsed.
  HttpParser parser_;
  std::optional<Sha256> digest_;
  ReplyWriter writer_;
  int drain_polls_ = 0;
  FdEvent readable_;  // After the descriptor they watch.
  FdEvent writable_;
  Timer timer_;
};

}  // namespace airlane::sim
