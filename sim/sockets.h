// Sockets as the simulator needs them: non-blocking, and closed on exec. They belong to the network
// namespace that the calling thread is in. Every UniqueFd is empty, with errno set, on failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/callback.h"
#include "base/event/fd_event.h"
#include "base/unique_fd.h"

namespace airlane::sim {

// Also for an address that comes and goes, as the modem's does (IP_FREEBIND).
UniqueFd listen_tcp(const Address& address);
UniqueFd bind_udp(const Address& address);
UniqueFd open_udp();
UniqueFd connect_tcp(const Address& address);   // Begun, not finished.
UniqueFd listen_unix(const std::string& path);  // Replaces a socket that nobody listens on.

// False when it would block or failed; errno says which. True sends all of it or drops it.
bool send_datagram(int fd, const Address& to, std::string_view bytes);

struct Datagram {
  Address from;
  std::string bytes;
};
std::optional<Datagram> receive_datagram(int fd);  // Nothing when none is there.

// Hands over every connection that a listener accepts; the callee owns the descriptor.
class Acceptor {
 public:
  using Accepted = Callback<void(int, const Address&)>;

  Acceptor(Loop& loop, UniqueFd listener, Accepted accepted);

 private:
  void on_readable();

  UniqueFd listener_;
  Accepted accepted_;
  FdEvent readable_;  // After the descriptor it watches.
};

}  // namespace airlane::sim
