// What stands before the sessions, and what it needs of its worker.
//
// A front takes a client that came in by TLS, ends the TLS, and where the client speaks HTTP/2
// takes that apart. Behind it are ordinary Sessions, one for each connection that a plain client
// would have made: one for HTTP/1.1 or SOCKS, one for each stream of HTTP/2. The bytes between go
// through a pair of Unix sockets. So whatever a session decides, limits, counts or logs is the same
// for every client, and the pair's buffer is what makes a fast side wait for a slow one.
//
// Everything here belongs to the worker's thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/address.h"
#include "base/error.h"
#include "base/event/reactor.h"
#include "base/unique_fd.h"

namespace airlane {

class TlsFront;

// Where the client is, and which port it came to.
struct Origin {
  Address source;
  std::uint16_t port = 0;
};

// What the two ends of a pair tell each other besides bytes: a Unix socket knows no reset, so that
// a cut looks like an end. Said before the socket is closed, read when its end has been.
struct Bridge {
  bool client_cut = false;   // By the front: what the client was saying is not whole.
  bool session_cut = false;  // By the session: what the target was saying is not whole.
};

class FrontHost {
 public:
  virtual Reactor& reactor() = 0;
  // A session whose client is the other end of `socket`. False when there are too many.
  virtual bool start_session(UniqueFd socket, const Origin& origin,
                             std::shared_ptr<Bridge> bridge) = 0;
  virtual void call_again(TlsFront& front) = 0;  // drive() at the end of this turn or in the next.
  // Freed at the end of the turn. `why` is null after an end that both sides wanted.
  virtual void retire(TlsFront& front, const Error* why) = 0;

 protected:
  ~FrontHost() = default;
};

}  // namespace airlane
