// Reverse-path filtering of an interface.
//
// A strict filter (1) asks the routing tables how the sender of an arriving packet would be
// reached, does not know that our sockets are bound, and drops every reply to a dongle. A loose one
// (2) lets them in. The kernel uses the larger of the interface's value and that of "all".
#pragma once

#include <string>

#include "base/result.h"

namespace airlane {

// Makes the filter of `interface` loose if it is not already. Fails only if it stays strict: where
// /proc/sys is read-only, a value that does no harm is left as it is. An interface that is not
// there is no failure.
Outcome<Done> loosen_rp_filter(const std::string& interface);

// What an operator should know at the start: "all" is strict, so that an interface which is
// plugged in again loses replies until its own filter was loosened. Empty: nothing.
std::string rp_filter_warning();

}  // namespace airlane
