// Datagrams whose target is a name: kept while the name is asked through the dongle.
//
// Most clients send addresses, so a relay makes this when it meets the first name. Everything is
// bounded: names, datagrams that wait, and their bytes; what is over is dropped. An answer is used
// for a few seconds, so that a flow of datagrams keeps its target and asks nobody.
//
// Owned by a UdpRelay; the worker's thread only.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/callback.h"
#include "base/clock.h"
#include "base/event/reactor.h"
#include "proxy/resolvers.h"
#include "proxy/udp_drop.h"
#include "proxy/world.h"

namespace airlane {

class UdpNames {
 public:
  static constexpr std::size_t kNames = 8;
  static constexpr std::size_t kWaiting = 16;
  static constexpr std::size_t kWaitingBytes = 32 << 10;

  using Name = std::string_view;
  struct Owner {
    // To an address of the name. The payload is good until `settle` has been called.
    Callback<void(const Address&, Name, std::span<const char>)> send;
    Callback<void()> settle;
    Callback<std::optional<UdpDrop>(const Address&, Name)> why_not;  // Nothing: it may be reached.
    Callback<bool(Name, std::uint16_t port)> may_ask;
    Callback<void(UdpDrop)> drop;  // One that had waited.
  };

  UdpNames(Reactor& reactor, Resolvers& resolvers, const Egress& egress, const Looks& looks,
           const Owner& owner)
      : reactor_(reactor), resolvers_(resolvers), egress_(egress), looks_(looks), owner_(owner) {}
  UdpNames(UdpNames&&) = delete;

  // Sends it now, or later and then settles, or never. An answer when it is certain to be dropped.
  std::optional<UdpDrop> send(Name name, std::uint16_t port, std::span<const char> payload);

  // Whether datagrams went there by a name with which it may be reached.
  [[nodiscard]] bool lead_to(const Address& address) const;

 private:
  struct Waiting {
    std::uint16_t port;
    std::string payload;
  };
  struct Entry {
    std::string name;    // As the client wrote it.
    std::uint16_t port;  // Of the first datagram: an address must be allowed with it.
    std::optional<Resolver::Query> ask_v4;
    std::optional<Resolver::Query> ask_v6;  // Not where the dongle has no IPv6.
    std::optional<Address> address;
    UdpDrop why_not = UdpDrop::kUnresolved;                      // Without an address.
    Monotonic::time_point until = Monotonic::time_point::max();  // While it is asked: for ever.
    std::vector<Waiting> waiting;
  };

  Entry* find(Name name);
  std::optional<UdpDrop> ask(Name name, std::uint16_t port);
  bool keep(Entry& entry, std::uint16_t port, std::span<const char> payload);
  void on_answer();
  void look(Entry& entry);
  void take(Entry& entry, const std::optional<Resolver::Query>& query);
  void send_waiting(Entry& entry);

  Reactor& reactor_;
  Resolvers& resolvers_;
  const Egress& egress_;
  const Looks looks_;
  const Owner owner_;
  std::list<Entry> entries_;  // The one used last comes first.
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace airlane
