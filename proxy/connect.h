// The fourth stage: a socket bound to the dongle's interface, connected to the first address of the
// target that answers. Fails closed: a socket that cannot be bound is not connected.
#pragma once

#include <string>
#include <string_view>

#include "proxy/flow.h"

namespace airlane {

class Connect {
 public:
  static constexpr std::string_view kName = "connect";

  explicit Connect(Flow& flow) : flow_(flow) {}
  Connect(Connect&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error) { return refusal_of(flow_, error); }

 private:
  Result<Step> attempt();                                 // Begins with the candidate at hand.
  Result<Step> look();                                    // How far it is.
  [[nodiscard]] Result<UniqueFd> open(int family) const;  // Bound to the dongle.

  Flow& flow_;
  std::size_t candidate_ = 0;
};

}  // namespace airlane
