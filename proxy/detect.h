// The first stage: one byte tells the protocol. A client that is silent, or that speaks neither
// SOCKS5 nor HTTP, is left without an answer.
#pragma once

#include <string>
#include <string_view>

#include "proxy/flow.h"

namespace airlane {

class Detect {
 public:
  static constexpr std::string_view kName = "detect";

  explicit Detect(Flow& flow) : flow_(flow) {}
  Detect(Detect&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error&) { return {}; }

 private:
  Flow& flow_;
};

}  // namespace airlane
