// The door of one proxy port on one worker: a listening socket, shared with the other workers by
// SO_REUSEPORT, and the loop that takes connections from it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/callback.h"
#include "base/event/alarm.h"
#include "base/event/watch.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

struct ListenerOptions {
  bool shared = true;              // Other workers may listen there too.
  std::size_t socket_buffers = 0;  // Bytes; 0: as the kernel thinks best.
};
// A listening socket at `where`, with what accepted sockets are to inherit.
Result<UniqueFd> open_listener(const Address& where, const ListenerOptions& options);
// Where a socket listens; absent when it does not.
std::optional<Address> listening_address(int fd);

// Who takes the connections. A refusal closes the new connection at once.
class Acceptor {
 public:
  virtual void accepted(UniqueFd client, const Address& source, std::uint16_t port) = 0;

 protected:
  ~Acceptor() = default;
};

class Listener {
 public:
  Listener(Reactor& reactor, UniqueFd socket, std::uint16_t port, Acceptor& acceptor);
  Listener(Listener&&) = delete;

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

 private:
  void on_ready(Readiness);
  void resume();

  UniqueFd socket_;  // Perhaps not the only copy: it leaves the loop by itself, not by its close.
  const std::uint16_t port_;
  Acceptor& acceptor_;
  int batch_ = 1;  // How many to take before other sockets have their turn.
  int full_batches_ = 0;
  Watch watch_;
  Alarm pause_;
};

}  // namespace airlane
