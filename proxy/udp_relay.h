// Datagrams between one client and everybody, through one dongle (RFC 1928, section 7).
//
//   client  --header, payload-->  a socket at the address that it connected to, any port
//                                 a socket per family, bound to the dongle  --payload-->  target
//
// The client is pinned: its address is that of its TCP connection, its port that of the first
// datagram that makes sense; then the socket is connected, and strangers are turned away by the
// kernel. They are never answered. On the other side any target may write to a socket that the
// client has used (RFC 4787, endpoint-independent filtering), but nothing passes, in either
// direction, whose other end the customer may not reach. There is no table of targets to fill up.
//
// Fails closed: a socket that cannot be bound to the dongle is not used. Errors that ICMP reports
// end nothing. Datagrams that cannot be passed on are dropped and counted: those that
// the kernel dropped before we read them when it is asked, after a pause and at the end.
//
// Owned by a stage of a session; the worker's thread only. Holds two or three sockets and some
// hundred bytes; buffers belong to the worker.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/address.h"
#include "base/event/watch.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "proxy/flow.h"
#include "proxy/udp_batch.h"
#include "proxy/udp_drop.h"
#include "proxy/udp_names.h"

namespace airlane {

class UdpRelay {
 public:
  // Looks into the flow for the client's address, the way out, the rules and the counters.
  explicit UdpRelay(Flow& flow)
      : flow_(flow), on_sent_(DatagramWriter::Sent::to<&UdpRelay::sent>(*this)) {}
  UdpRelay(UdpRelay&&) = delete;
  ~UdpRelay();

  // Where the client shall send to: a port at `local`. kNoEgress, kOverLimit or kSystem.
  Result<Address> open(const Address& local);

  // The throttle of the flow allows more: goes on reading where it had stopped.
  void resume();

 private:
  struct Leg {
    Leg(Reactor& reactor, Callback<void(Readiness)> on_ready) : watch(reactor, on_ready) {}
    ~Leg() { watch.closing(); }

    UniqueFd fd;
    Watch watch;
    SegmentLimits limits;
    std::uint32_t unread = 0;  // What the kernel had dropped when it was last asked.
  };

  Status open_target(std::optional<Leg>& leg, int family);
  void on_client(Readiness);
  void on_target4(Readiness) { receive_from(*target4_); }
  void on_target6(Readiness) { receive_from(*target6_); }
  void take(const DatagramReader::Message& message);
  bool is_client(const Address& source, std::span<const char> first);
  void forward(std::span<const char> bytes);
  // `name` is what the client has asked for instead of the target's address; or empty.
  void send_to(const Address& target, std::string_view name, std::span<const char> payload);
  void send_to_name(const SocksDatagram& datagram);
  void receive_from(Leg& leg);
  void hand_back(const DatagramReader::Message& message);
  unsigned may_read(Way way, Leg& leg);  // How many messages.
  void aim(Leg& leg);
  void settle();
  void sent(const Address& to, std::uint64_t payload);
  void follow_rules();
  std::optional<UdpDrop> why_not(const Address& address, std::string_view name);
  bool may_ask(std::string_view name, std::uint16_t port);
  std::optional<UdpDrop> why_not_from(const Address& source);
  void drop(UdpDrop why) { drop_many(why, 1); }
  void drop_many(UdpDrop why, std::uint64_t count);
  void count_unread(std::optional<Leg>& leg);

  [[nodiscard]] UdpBench& bench() noexcept { return *flow_.bench.udp_bench; }

  Flow& flow_;
  const DatagramWriter::Sent on_sent_;  // Where the proxy's targets are told apart.
  std::optional<Leg> client_;
  std::optional<Leg> target4_;
  std::optional<Leg> target6_;
  Leg* aimed_ = nullptr;                       // Where the writer's datagrams go.
  Address pinned_;                             // The client's, once its port is not 0.
  std::shared_ptr<const Destinations> rules_;  // By these three
  std::shared_ptr<const ProxyPort> proxy_;
  std::shared_ptr<const Account> credential_;
  bool rules_have_names_ = false;
  std::array<Address, 4> reachable_{};  // the last few that may be reached; port 0: none.
  std::uint8_t next_reachable_ = 0;
  std::array<std::uint64_t, kUdpDrops> drops_{};  // For the log.
  std::unique_ptr<UdpNames> names_;
};

}  // namespace airlane
