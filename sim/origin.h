// The web site of the simulated internet: every path is one way in which a server behaves, good or
// bad. docs/simulator.md lists them. A function of the request; the server does the timing.
#pragma once

#include "sim/http_message.h"
#include "sim/peer_log.h"

namespace airlane::sim {

class Origin {
 public:
  explicit Origin(const PeerLog& peers) : peers_(peers) {}

  [[nodiscard]] Reply answer(const HttpRequest& request) const;

 private:
  [[nodiscard]] Reply peers() const;

  const PeerLog& peers_;
};

// 198.19.0.2: the address that a request came from, and a line feed.
Reply answer_with_address(const HttpRequest& request);

}  // namespace airlane::sim
