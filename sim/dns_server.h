// Serves a Zone by UDP and TCP. One loop, one thread; owns its sockets and connections.
#pragma once

#include <string>

#include "base/event/timer.h"
#include "sim/crowd.h"
#include "sim/sockets.h"
#include "sim/zone.h"

namespace airlane::sim {

class DnsServer {
 public:
  DnsServer(Loop& loop, UniqueFd udp, UniqueFd tcp);

 private:
  // An answer by UDP whose time has not come.
  class Delayed {
   public:
    Delayed(DnsServer& server, const Address& to, std::string bytes,
            std::chrono::milliseconds delay);

   private:
    void on_time();

    DnsServer& server_;
    Address to_;
    std::string bytes_;
    Timer timer_;
  };

  // A TCP client: one query after another, each behind two bytes of length.
  class Connection {
   public:
    Connection(DnsServer& server, UniqueFd fd);

   private:
    void on_readable();
    void on_time();
    void answer_next();
    void end();

    DnsServer& server_;
    UniqueFd fd_;
    std::string received_;
    std::string due_;  // The answer that the timer holds back.
    FdEvent readable_;
    Timer timer_;
  };

  void on_datagram();
  void on_accept(int fd, const Address& peer);

  Loop& loop_;
  Zone zone_;
  Crowd<Delayed> delayed_;
  Crowd<Connection> connections_;
  UniqueFd udp_;
  FdEvent datagram_;
  Acceptor acceptor_;
};

}  // namespace airlane::sim
