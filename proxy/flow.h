// What the stages of one connection hand on to each other, and what their worker lends them.
//
// A Flow belongs to a Session and outlives every stage of it. A stage fills in what the next one
// needs; nobody reads a member before the stage that owns it (the comment beside it) has finished.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/event/fd_event.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "proxy/count.h"
#include "proxy/pipe_pool.h"
#include "proxy/protocol/http_head.h"
#include "proxy/protocol/target.h"
#include "proxy/resolvers.h"
#include "proxy/world.h"

namespace airlane {

// What a stage wants of Session::drive.
enum class Step : std::uint8_t {
  kWait,   // Nothing to do until an event comes.
  kAgain,  // There is more to do, but others shall have their turn first.
  kNext,   // This stage is over; the next one begins.
  kDone,   // There is nothing more to do for this client.
};

// What a worker lends to all of its sessions; one thread, so no session keeps it across a turn.
struct Workbench {
  Loop& loop;
  std::span<char> buffer;  // 64 KiB.
  PipePool pipes;
  Resolvers resolvers;
};

enum class Protocol : std::uint8_t { kUnknown, kSocks5, kHttp };

struct Flow {
  Flow(Workbench& lent, UniqueFd accepted, const Address& from, Callback<void()> ready)
      : bench(lent),
        client(std::move(accepted)),
        source(from),
        on_ready(ready),
        head(HeadReader::Kind::kRequest) {}
  Flow(Flow&&) = delete;

  // Registers `client`, once, for every change in either direction.
  void watch_client() {
    client_event.emplace(bench.loop, client.get(), FdEvent::When::kEdge, on_ready);
    client_event->arm();
  }
  void watch_upstream() {
    upstream_event.emplace(bench.loop, upstream.get(), FdEvent::When::kEdge, on_ready);
    upstream_event->arm();
  }
  void close_upstream() {
    upstream_event.reset();
    upstream.reset();
    upstream_egress.reset();
    upstream_target.reset();
  }

  Workbench& bench;
  UniqueFd client;
  const Address source;
  const Callback<void()> on_ready;  // Drives the session.
  std::optional<FdEvent> client_event;

  // The session, anew before each request: what the world says about this port.
  std::shared_ptr<const ProxyPort> proxy;
  std::shared_ptr<const Egress> egress;  // Null when the proxy's dongle is unknown.
  std::shared_ptr<const Destinations> destinations;
  CounterSlot* counters = nullptr;

  std::string early;                       // Detect: bytes received and not yet used.
  Protocol protocol = Protocol::kUnknown;  // Detect.

  Target target;        // Authenticate.
  bool tunnel = true;   // Authenticate: bytes both ways, or one HTTP message after the other.
  HeadReader head;      // Authenticate: owns what `request` looks at.
  RequestHead request;  // Authenticate, with HTTP.

  std::vector<Address> candidates;  // Resolve: checked, in the order in which to try them.

  UniqueFd upstream;                              // Connect: the target's end, bound to the egress.
  std::shared_ptr<const Egress> upstream_egress;  // Connect: the way out that it is bound to.
  std::optional<FdEvent> upstream_event;
  std::optional<Target> upstream_target;  // Forward: whom a kept connection leads to.

  Monotonic::time_point last_moved = Monotonic::now();  // Relay, Forward: when a byte did.
};

// The answer to a client whose request was understood and cannot be carried out; what to send
// before the connection ends, in the client's protocol.
std::string refusal_of(const Flow& flow, const Error& error);

// One read of what the client sends next into the workbench: 0 at the end of its stream, absent
// when there is nothing now.
Result<std::optional<std::size_t>> receive(int fd, std::span<char> buffer, const char* during);

// Sends a handshake message of a few bytes. A client whose window is too small for it is broken.
Status send_whole(int fd, std::string_view bytes, const char* during);

}  // namespace airlane
