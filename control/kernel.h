// What the farm needs from the kernel, so that tests can be one.
//
// Control thread only. The calls block on the kernel alone, for microseconds to milliseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/event/loop.h"
#include "base/result.h"
#include "netlink/egress_table.h"
#include "netlink/fingerprint/fingerprints.h"
#include "netlink/fingerprint/recipe.h"
#include "netlink/watch.h"

namespace airlane {

struct HostAddress {
  std::string interface;
  Address ip;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // From now on tells what changes, in turns of the loop of their own; see netlink/watch.h.
  virtual Outcome<Done> watch(Watch::OnChange on_change, Watch::OnOverrun on_overrun) = 0;
  // See netlink/egress_table.h.
  virtual Outcome<EgressState> install(const EgressPlan& plan) = 0;
  virtual Outcome<Done> remove(const EgressPlan& plan) = 0;
  virtual Outcome<Done> remove_leftovers(std::span<const EgressPlan> keep) = 0;
  // All addresses of all interfaces.
  virtual Outcome<std::vector<HostAddress>> addresses() = 0;

  // The looks of packets; see netlink/fingerprint/fingerprints.h. Whoever asks for the first ones
  // has the program loaded, and learns why that is not possible.

  // Whether this host can do what the recipe says, as it is set up now.
  virtual Outcome<Done> check_looks(const Recipe& recipe) = 0;
  virtual Outcome<Done> set_looks(std::uint32_t mark, const Recipe& recipe) = 0;
  // The index of the interface that has them now; 0 when there is none of that name.
  virtual Outcome<int> attach_looks(const std::string& interface, std::uint8_t ttl) = 0;
  // Also of an earlier process. Loads nothing.
  virtual Outcome<Done> detach_looks(const std::string& interface) = 0;
  // What became of SYNs; all 0 where nothing was loaded.
  virtual Outcome<FingerprintCounts> count_looks() = 0;
};

// The real one, of the network namespace of the calling thread. `marks`: for looks.
Outcome<std::unique_ptr<Kernel>> open_kernel(Loop& loop, Marks marks);

}  // namespace airlane
