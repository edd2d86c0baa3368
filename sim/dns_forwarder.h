// The name server that a modem is for its computer: passes every query on by the mobile network,
// UDP by UDP and TCP by TCP. While the modem is offline it answers SERVFAIL, or nothing.
//
// All its sockets are made inside the modem's namespace. One loop, one thread.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "sim/crowd.h"
#include "sim/namespace.h"
#include "sim/pump.h"
#include "sim/sockets.h"

namespace airlane::sim {

class DnsForwarder {
 public:
  enum class State : std::uint8_t { kOnline, kFailing, kSilent };

  DnsForwarder(Loop& loop, const Namespace& modem, UniqueFd udp, UniqueFd tcp, UniqueFd upstream);

  // Ends the TCP connections too: their way is gone.
  void set_state(State state);

 private:
  struct Asked {
    Address client;
    std::uint16_t id;  // The client's own.
  };

  void on_query();
  void on_answer();
  void on_accept(int fd, const Address& peer);
  void on_pair_end(Pair& pair) { pairs_.retire(pair); }

  Loop& loop_;
  const Namespace& modem_;
  State state_ = State::kSilent;
  std::uint16_t next_id_ = 0;
  std::unordered_map<std::uint16_t, Asked> asked_;  // At most 65536: ids are used in turn.
  Crowd<Pair> pairs_;
  UniqueFd udp_;
  UniqueFd upstream_;
  FdEvent query_;
  FdEvent answer_;
  Acceptor acceptor_;
};

}  // namespace airlane::sim
