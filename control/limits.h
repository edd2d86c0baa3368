// What a proxy may use: from what is stored about it, and from what the configuration says for all.
//
// A destination rule is a text wherever people meet it:
//
//   allow|deny WHAT [PORTS]      deny example.com     allow 192.0.2.0/24 80-443     deny * 1-1023
//
// WHAT is a network, an address, "*" for all of them, or a name, which stands for itself and for
// all names below it. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/limits.h"
#include "proxy/limits.h"

namespace airlane {

// kInvalid with a sentence.
Outcome<DestinationRule> parse_destination_rule(std::string_view text);
// The one way in which it is stored and shown.
std::string to_string(const DestinationRule& rule);

// `all` with what is the record's own.
Limits limits_of(const LimitsRecord& record, Limits all);

}  // namespace airlane
