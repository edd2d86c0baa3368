// The first stage: one byte tells the protocol, after the PROXY header that a front owes us. A
// client that is silent, or that speaks neither SOCKS5 nor HTTP, is left without an answer.
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
  Status take_proxy_header();  // As much of it as has come, if one is owed.
  [[nodiscard]] Result<Step> end_of_client() const;

  Flow& flow_;
};

}  // namespace airlane
