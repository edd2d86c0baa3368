// The end of a connection that still owes its client something: an answer, sent whole, then the end
// of our stream. What the client is still sending is read and thrown away for a moment, because
// closing over unread bytes makes the kernel reset the connection and may take the answer with it.
#pragma once

#include <string>
#include <string_view>

#include "proxy/flow.h"

namespace airlane {

class Farewell {
 public:
  static constexpr std::string_view kName = "farewell";

  Farewell(Flow& flow, std::string answer) : flow_(flow), answer_(std::move(answer)) {
    flow.close_upstream();
  }
  Farewell(Farewell&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error&) { return {}; }

 private:
  Flow& flow_;
  std::string answer_;
  bool ended_ = false;
  std::size_t discarded_ = 0;
};

}  // namespace airlane
