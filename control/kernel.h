// What the farm needs from the kernel, so that tests can be one.
//
// Control thread only. The calls block on the kernel alone, for microseconds to milliseconds.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/event/loop.h"
#include "base/result.h"
#include "netlink/egress_table.h"
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
};

// The real one, of the network namespace of the calling thread.
Outcome<std::unique_ptr<Kernel>> open_kernel(Loop& loop);

}  // namespace airlane
