// How a packet leaves by one dongle and by nothing else: a routing table of its own.
//
//   ip rule        oif IF lookup TABLE                  by name: stays when the dongle is unplugged
//   table TABLE    NETWORK dev IF scope link src ADDR   for each address of the interface
//                  default via GATEWAY dev IF src ADDR
//                  broadcast default dev IF metric 4278198271
//                  unreachable default metric 4278198272
//
// and the same for IPv6, without the broadcast. Only sockets bound to the interface match the rule,
// so any number of dongles may have the same address, gateway and MAC.
//
// The unreachable default comes first and goes last: whatever else is missing, no lookup goes on to
// `main`. For IPv4 it is not enough. Where a lookup for a bound socket fails, with whatever error,
// Linux takes the target to be on the link and sends ARP requests for it: by no other interface,
// but from any address of this host, and the client waits three seconds for nothing. To a broadcast
// route, connect() answers ENETUNREACH at once, and so does it, or EACCES, for UDP.
//
// `install` is idempotent and is the answer to every event: it compares, puts what is missing,
// replaces what differs in one step and takes away what has no place (the network of an old
// address). Where nothing differs it changes nothing, and the kernel notifies nobody.
//
// Tables and priorities in our ranges are ours; main and everything else is only read. Called on
// the control loop's thread. Failures: something that fails closed could not be put in place (no
// CAP_NET_ADMIN). A dongle that is merely away or has no address is no failure: see `why_not`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

class RtnlSocket;

// Below 32766, where `main` is asked, or the rule would come too late.
inline constexpr std::uint32_t kFirstPriority = 10000;
inline constexpr std::uint32_t kFirstTable = 20000;
inline constexpr std::uint32_t kMostEgresses = 16384;

// Worse than any other route: the last resort, and the one before it.
inline constexpr std::uint32_t kWorstMetric = 4278198272;
inline constexpr std::uint32_t kSecondWorstMetric = kWorstMetric - 1;

struct EgressPlan {
  std::string interface;
  std::uint32_t table = 0;
  std::uint32_t rule_priority = 0;
  // Empty: that of the main table's default route by this interface; without one, the first host of
  // its network. Either family; links without neighbours (ppp, raw IP) need none.
  std::optional<Address> gateway;
};

// The plan of a dongle by its id: table kFirstTable + id, priority kFirstPriority + id.
Outcome<EgressPlan> make_egress_plan(std::int64_t dongle, std::string interface,
                                     std::optional<Address> gateway);

struct EgressState {
  bool present = false;  // The interface exists.
  bool up = false;       // A packet can leave: link, carrier, address and default route are there.
  int index = 0;         // Of the interface, until it is unplugged.
  std::vector<Address> addresses;     // All its own, both families. A customer may reach none
  std::optional<Address> gateway;     // of these, nor the gateways: there is the admin page.
  std::optional<Address> gateway_v6;  // Often link-local.
  bool has_v6 = false;                // A global IPv6 address, and a default route for it.
  std::string why_not;                // A sentence when not `up`.

  bool operator==(const EgressState&) const = default;
};

Outcome<EgressState> install(RtnlSocket& socket, const EgressPlan& plan);

// Takes away the rules and the whole table; nothing there is fine.
Outcome<Done> remove(RtnlSocket& socket, const EgressPlan& plan);

// For the start after kill -9: takes away every rule and route that we made for a table that is
// not in `keep`. What others made, even inside our ranges, stays.
Outcome<Done> remove_leftovers(RtnlSocket& socket, std::span<const EgressPlan> keep);

}  // namespace airlane
