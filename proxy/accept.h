// The door of one proxy port on one worker: a listening socket, shared with the other workers by
// SO_REUSEPORT, and the loop that takes connections from it.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/callback.h"
#include "base/event/fd_event.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

// A listening socket at `where`, with what accepted sockets are to inherit. With `shared` other
// workers may listen there too.
Result<UniqueFd> open_listener(const Address& where, bool shared);

// Who takes the connections. A refusal closes the new connection at once.
class Acceptor {
 public:
  virtual void accepted(UniqueFd client, const Address& source, std::uint16_t port) = 0;

 protected:
  ~Acceptor() = default;
};

class Listener {
 public:
  Listener(Loop& loop, UniqueFd socket, std::uint16_t port, Acceptor& acceptor);
  Listener(Listener&&) = delete;

 private:
  void on_ready();
  void resume() { event_.arm(); }

  UniqueFd socket_;
  const std::uint16_t port_;
  Acceptor& acceptor_;
  FdEvent event_;
  Timer pause_;
};

}  // namespace airlane
