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
  Result<Step> attempt();  // The candidate at hand, from the start or where it stands.
  Status open();

  Flow& flow_;
  std::size_t candidate_ = 0;
};

}  // namespace airlane
