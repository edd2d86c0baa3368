// The last stage of an HTTP request that is not CONNECT: one exchange of messages (exchange.h). The
// exchange lies apart, in memory of the worker's, so that a tunnel's session need not be as large.
//
//   kNext   the exchange is over and the client may send its next request; or the target has
//           changed the protocol, and flow.tunnel is set; or its kept connection was dead, and
//           handshake.stale is set: the same request goes out by a new one
//   kDone   it is over and the connection ends
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proxy/exchange.h"
#include "proxy/flow.h"

namespace airlane {

class Forward {
 public:
  static constexpr std::string_view kName = "relay";

  explicit Forward(Flow& flow);
  Forward(Forward&&) = delete;

  Result<Step> advance() { return exchange_->advance(); }
  std::string refusal(const Error& error) { return exchange_->refusal(error); }

 private:
  struct GiveBack {
    BlockPool* pool;
    void operator()(Exchange* exchange) const noexcept;
  };
  std::unique_ptr<Exchange, GiveBack> exchange_;
};

// Whether a kept connection is still there and silent, as it has to be between two requests. What
// is known of its readiness will do for a request that may be sent twice; for any other the kernel
// is asked.
bool is_idle(End& kept, bool may_send_twice) noexcept;

}  // namespace airlane
