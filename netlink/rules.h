// Routing rules of the one form that we use: "what leaves by interface X looks into table T".
//
// By name, not by index: a rule outlives its interface (`ip rule` then shows it as [detached]) and
// takes hold again when one of that name appears. It matches sockets that are bound to the
// interface, and nothing else.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

struct nlmsghdr;

namespace airlane {

class RtnlSocket;

struct Rule {
  int family = AF_INET;
  std::uint32_t priority = 0;
  std::uint32_t table = 0;
  std::string interface;

  bool operator==(const Rule&) const = default;
};

// The rules that we made; see kOurProtocol. Others' are never looked at.
Outcome<std::vector<Rule>> read_our_rules(RtnlSocket& socket, int family);
Outcome<Done> add_rule(RtnlSocket& socket, const Rule& rule);     // There already: fine.
Outcome<Done> delete_rule(RtnlSocket& socket, const Rule& rule);  // Gone already: fine.

}  // namespace airlane
