// The third stage: the target's addresses, asked through the proxy's dongle, without those that a
// customer may not reach. It is over as soon as there is one to begin with; see candidates.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/alarm.h"
#include "proxy/flow.h"

namespace airlane {

class Resolve {
 public:
  static constexpr std::string_view kName = "resolve";

  explicit Resolve(Flow& flow) : flow_(flow) {}
  Resolve(Resolve&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error) { return refusal_of(flow_, error); }

 private:
  Result<Step> begin();
  Result<Step> look();
  bool may_begin_with_v4();

  Flow& flow_;
  bool asked_ = false;
  std::optional<Error> error_;    // What the answers said that had no address for us.
  std::unique_ptr<Alarm> delay_;  // Only while IPv4 waits for IPv6.
};

}  // namespace airlane
