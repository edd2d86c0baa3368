// The knobs of one dongle: given on the command line for all of them, changed at run time for each.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace airlane::sim {

struct Settings {
  std::chrono::milliseconds rotate{800};   // From "connect" to the new address.
  std::chrono::milliseconds reboot{3000};  // From vanishing to being back.
  int same_ip = 0;                    // Per cent of rotations that bring the old address again.
  int busy = 0;                       // So many API calls answer 100004; -1: all.
  bool ignore_writes = false;         // Says OK and does nothing.
  bool hang = false;                  // The API accepts and never answers.
  bool offline_reject = true;         // ICMP for new connections while offline; else silence.
  bool offline_dns_fails = true;      // SERVFAIL while offline; else silence.
  std::chrono::milliseconds keep{0};  // Who is away for less gets the old address again.
  std::string lie;       // How the API answers: see Hilink::answer; empty: as it should.
  std::string password;  // Of the API's user "admin"; empty: no login needed.
};

}  // namespace airlane::sim
