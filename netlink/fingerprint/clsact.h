// Where the kernel keeps programs that see an interface's packets: the clsact queueing discipline.
//
// It is shared with whoever else watches the interface. Ours is under a priority and handle of its
// own, before all others at the same place, and goes without a trace when it was the last.
#pragma once

#include "base/result.h"

namespace airlane {

// Puts the program of this descriptor at the egress of the interface, in the place of what was put
// there before.
Outcome<Done> attach_egress(int interface, int program);

// Fails only if something is left. An interface that is not there, or has none, is no failure.
Outcome<Done> detach_egress(int interface);

}  // namespace airlane
