// What the stages of one connection hand on to each other, and what their worker lends them.
//
// A Flow belongs to a Session and outlives every stage of it. A stage fills in what the next one
// needs; nobody reads a member before the stage that owns it (the comment beside it) has finished.
// What is needed only until bytes move is in the Handshake, which Relay gives back.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "proxy/block_pool.h"
#include "proxy/credential_use.h"
#include "proxy/destination.h"
#include "proxy/end.h"
#include "proxy/front/host.h"
#include "proxy/gate.h"
#include "proxy/guard.h"
#include "proxy/handshake.h"
#include "proxy/meter.h"
#include "proxy/pipe_pool.h"
#include "proxy/resolvers.h"
#include "proxy/source_seats.h"
#include "proxy/tally.h"
#include "proxy/throttle.h"
#include "proxy/udp_batch.h"
#include "proxy/udp_seats.h"
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
  Workbench(Reactor& loop, std::span<char> memory, std::size_t buffers, std::size_t names_most,
            CounterFile& file, std::uint32_t index, SourceSeats& seats, Guard& against_guessing,
            UdpSeats& udp, Tally& counts)
      : reactor(loop),
        buffer(memory),
        socket_buffers(buffers),
        counters(file),
        worker(index),
        source_seats(seats),
        guard(against_guessing),
        udp_seats(udp),
        tally(counts),
        resolvers(loop, names_most) {}
  Workbench(Workbench&&) = delete;

  Reactor& reactor;
  std::span<char> buffer;            // 64 KiB.
  const std::size_t socket_buffers;  // Bytes; 0: as the kernel thinks best.
  CounterFile& counters;             // Of which the slots of this worker are its own.
  const std::uint32_t worker;
  SourceSeats& source_seats;  // These three are all workers'.
  Guard& guard;
  UdpSeats& udp_seats;
  Tally& tally;           // The worker's own.
  std::string via;        // Our name in Via; empty: no Via.
  std::string head;       // A message head that is being written,
  ResponseHead response;  // and one that is being read.
  PipePool pipes;
  BlockPool exchanges{128};  // Of Forward.
  Resolvers resolvers;
  HandshakePool handshakes;
  std::unique_ptr<UdpBench> udp_bench;  // Null before the first association.
  bool draining = false;  // Clients that keep their connections are told to make new ones.
};

enum class Protocol : std::uint8_t { kUnknown, kSocks5, kSocks4, kHttp, kTls };
inline constexpr Protocol kLastProtocol = Protocol::kTls;
std::string_view label(Protocol protocol) noexcept;  // For logs and metrics; empty: unknown.

// What a client wants of us; with HTTP it is always the first.
enum class Errand : std::uint8_t { kConnect, kBind, kAssociate };

struct Flow {
  Flow(Workbench& lent, const Address& from, Callback<void()> ready,
       std::shared_ptr<Bridge> other_end)
      : bench(lent),
        source(from),
        bridge(std::move(other_end)),
        on_ready(ready),
        client(lent.reactor, ready),
        upstream(lent.reactor, ready),
        handshake(lent.handshakes.take()) {}
  Flow(Flow&&) = delete;

  // Whether what the client said, and has ended, is not whole; for who has read to its end.
  [[nodiscard]] bool client_was_cut() const noexcept { return bridge && bridge->client_cut; }
  void close_upstream() {
    upstream.close();
    upstream_egress.reset();
    upstream_settled = false;
    upstream_looks = {};
    if (handshake) handshake->upstream_target.reset();
  }

  // What may be moved now: `want`, unless the proxy's rate or quota says less. See throttle.h.
  Result<std::size_t> allowance(Way way, std::size_t want) {
    return throttle ? throttle->allowance(way, want) : want;
  }
  [[nodiscard]] Result<std::size_t> leaving(std::size_t held) const noexcept {
    return throttle ? throttle->leaving(held) : held;
  }
  void moved(Way way, std::size_t bytes) noexcept {
    if (throttle) throttle->moved(way, bytes);
  }
  void rest(Way way) noexcept {
    if (throttle) throttle->rest(way);
  }
  // Whether nobody else has said how much may wait to be read.
  [[nodiscard]] bool tunes_receiving(Way way) const noexcept {
    return bench.socket_buffers == 0 && !(throttle && throttle->receive_buffer(way) != 0);
  }
  // Makes, changes or removes the throttle, as the limits of the proxy and the credential say.
  void limit_bytes();

  // Which limit of the proxy or the credential denies an address that the client asked for under
  // `name`, or nothing; kProhibited when it is no limit's doing.
  [[nodiscard]] std::optional<Error> why_not(const Address& address, std::string_view name) const;
  // The same of a name that is not resolved yet.
  [[nodiscard]] std::optional<Error> why_not_ask(std::string_view name, std::uint16_t port) const;

  // One read into the workbench of at most so much, and no more than that; see End::receive.
  Result<std::optional<std::size_t>> receive(Way way, std::size_t most, const char* during);

  Workbench& bench;
  Address source;  // Detect: as a front names it; before, and without one, the client's socket's.
  const std::shared_ptr<Bridge> bridge;  // When the client came by TLS, and is a TlsFront; or null.
  const Callback<void()> on_ready;       // Drives the session.
  End client;

  // The session, anew before each request: what the world says about this port.
  std::shared_ptr<const ProxyPort> proxy;
  std::shared_ptr<const Egress> egress;  // Null when the proxy's dongle is unknown.
  std::shared_ptr<const Destinations> destinations;
  Meter counters;
  std::span<const CounterSlot> row;  // The proxy's counters of all workers.

  SourceSeat source_seat;       // The session: where the proxy limits its clients' connections.
  bool source_is_over = false;  // The session: by so much that there is still an answer.
  Seat seat;                    // Authenticate.
  std::unique_ptr<CredentialUse> credential;  // Authenticate: null for the proxy's own user name.

  End upstream;                                   // Connect: the target's, bound to the egress.
  std::shared_ptr<const Egress> upstream_egress;  // Connect: the way out that it is bound to.
  bool upstream_settled = false;                  // It has been told prepare_for_long().
  Looks upstream_looks;                           // Connect: that it was given.

  HandshakePool::Lent handshake;           // Null once a tunnel runs.
  Protocol protocol = Protocol::kUnknown;  // Detect.
  Errand errand = Errand::kConnect;        // Authenticate.
  bool tunnel = true;  // Authenticate: bytes both ways, or one HTTP message after the other.

  // Relay, Forward, Associate: when a byte did; before: when accepted.
  Monotonic::time_point last_moved{};
  std::unique_ptr<Throttle>
      throttle;  // The session, when bytes begin to move: null without limits.
};

// The answer to a client whose request was understood and cannot be carried out; what to send
// before the connection ends, in the client's protocol.
std::string refusal_of(const Flow& flow, const Error& error);

// The answer that it has been carried out: begins a tunnel, or says where BIND listens.
std::string success_of(const Flow& flow, const Address& bound);

}  // namespace airlane
