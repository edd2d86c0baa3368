// The names of the simulated internet, all below .test, each with its own behaviour. Keeps no state
// but the turn of rebind.test.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/dns_message.h"

namespace airlane::sim {

class Zone {
 public:
  struct Reply {
    DnsAnswer answer;
    std::chrono::milliseconds delay{0};
    bool silent = false;
  };

  Reply look_up(const DnsQuery& query);

  // Every name with what it answers, for people.
  static std::vector<std::pair<std::string, std::string>> names();

 private:
  bool rebound_ = false;
};

}  // namespace airlane::sim
