// The third stage: the target's addresses, asked through the proxy's dongle, without those that a
// customer may not reach.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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
  Status ask();
  Status keep_allowed(std::vector<Address> addresses);

  Flow& flow_;
  std::optional<Resolver::Query> query_;
};

}  // namespace airlane
