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
#include <optional>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/event/reactor.h"
#include "base/unique_fd.h"

namespace airlane {

class TlsFront;

// Whether a session is what is left of a connection without its TLS, or one of many things that
// happen on it, which are no connections and are counted apart.
enum class Inside : std::uint8_t { kConnection, kStream };

// One client's connection, as it was before its TLS began. Its front has it, and its sessions.
struct Origin {
  Address source;
  Address local;  // Where it reached us.
  std::uint16_t port = 0;
  std::int64_t proxy = 0;           // The id.
  std::optional<Address> balancer;  // These three with an access log only.
  Wall::time_point begun{};
  Monotonic::time_point started{};

  // The worker's account of it. However many they are, front and sessions, they have one place
  // among its connections; beyond the first, each session that is there at a time takes one more.
  bool fronted = true;
  unsigned sessions = 0;
  std::optional<Inside> served{};  // What there has been of them.

  // Its place among the connections of one client, for as long as any of them is there; and that
  // there are too many. And the one among the proxy's, while no session has it.
  std::shared_ptr<const void> source_seat{};
  bool source_is_over = false;
  std::shared_ptr<void> seat{};
};

// What the two ends of a pair tell each other besides bytes: a Unix socket knows no reset, so that
// a cut looks like an end. Said before the socket is closed, read when its end has been.
struct Bridge {
  std::shared_ptr<Origin> origin;
  Inside inside = Inside::kConnection;
  bool client_cut = false;   // By the front: what the client was saying is not whole.
  bool session_cut = false;  // By the session: what the target was saying is not whole.
};

class FrontHost {
 public:
  virtual Reactor& reactor() = 0;
  // A session whose client is the other end of `socket`. False when there are too many.
  virtual bool start_session(UniqueFd socket, std::shared_ptr<Bridge> bridge) = 0;
  // Whether a client's socket has had no sign of life, though it was asked for one.
  [[nodiscard]] virtual bool is_dead(int fd) const noexcept = 0;
  virtual void call_again(TlsFront& front) = 0;  // drive() at the end of this turn or in the next.
  // Freed at the end of the turn. `why` is null after an end that both sides wanted.
  virtual void retire(TlsFront& front, const Error* why) = 0;

 protected:
  ~FrontHost() = default;
};

}  // namespace airlane
