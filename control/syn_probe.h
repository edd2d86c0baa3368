// Opens one connection as a proxy would, and looks at its SYN on the dongle's wire.
//
// Not through the proxy's port: no credentials, limits or counters take part, and nobody's rules
// about destinations, because only an administrator asks for it. The connection is reset as soon as
// its SYN was seen. Each look ends after five seconds; a few may run at once.
//
// A member of the farm, control thread only. `then` is called on the control thread, never inside
// look(), and not after the destruction of this.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "netlink/fingerprint/signature.h"
#include "proxy/looks.h"
#include "proxy/world.h"

namespace airlane {

// What an administrator is told of it.
struct SeenLooks {
  Address target;
  std::string seen;          // The SYN, as a signature.
  std::optional<bool> fits;  // Whether the proxy's fingerprint stands for it; absent without one.
};

class SynProbe {
 public:
  using Then = std::function<void(Outcome<Signature>)>;

  explicit SynProbe(Loop& loop);
  SynProbe(SynProbe&&) = delete;
  ~SynProbe();

  void look(const Egress& egress, const Looks& looks, const Address& target, Then then);

 private:
  class Look;
  static constexpr std::size_t kMost = 8;

  void sweep();

  Loop& loop_;
  Timer end_of_turn_;
  std::vector<std::unique_ptr<Look>> looks_;
};

}  // namespace airlane
