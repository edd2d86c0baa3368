// Moves bytes from one socket to another, or back into the same one: an echo. Half-close travels
// with them. Borrowed descriptors; one loop, one thread.
#pragma once

#include <string>

#include "base/event/fd_event.h"
#include "base/unique_fd.h"
#include "sim/crowd.h"
#include "sim/sockets.h"

namespace airlane::sim {

class Pump {
 public:
  enum class End : std::uint8_t { kNone, kClosed, kFailed };

  // `ended` is called once, when no byte will move any more.
  Pump(Loop& loop, int from, int to, Callback<void()> ended);

  [[nodiscard]] End end() const noexcept { return end_; }
  void stop();

 private:
  void on_readable();
  void on_writable();
  void flush();
  void finish(End end);

  int from_;
  int to_;
  Callback<void()> ended_;
  End end_ = End::kNone;
  bool eof_ = false;
  std::string held_;  // Read, not yet written: at most one read's worth.
  FdEvent readable_;
  FdEvent writable_;
};

// Two sockets and a pump each way; ends when both have ended or one has failed.
class Pair {
 public:
  using Ended = Callback<void(Pair&)>;

  Pair(Loop& loop, UniqueFd a, UniqueFd b, Ended ended);

 private:
  void on_pump_end();

  UniqueFd a_;
  UniqueFd b_;
  Ended ended_;
  Pump forth_;  // After the descriptors they watch.
  Pump back_;
};

// TCP and UDP echo (port 7).
class Echo {
 public:
  Echo(Loop& loop, UniqueFd tcp, UniqueFd udp);

 private:
  class Connection {
   public:
    Connection(Loop& loop, UniqueFd fd, Crowd<Connection>& crowd);

   private:
    void on_end();

    UniqueFd fd_;
    Crowd<Connection>& crowd_;
    Pump pump_;
  };

  void on_accept(int fd, const Address& peer);
  void on_datagram();

  Loop& loop_;
  Crowd<Connection> connections_;
  Acceptor acceptor_;
  UniqueFd udp_;
  FdEvent datagram_;
};

}  // namespace airlane::sim
