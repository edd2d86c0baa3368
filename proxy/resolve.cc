#include "proxy/resolve.h"

#include "proxy/candidates.h"
#include "proxy/destination.h"

namespace airlane {
namespace {

constexpr std::chrono::milliseconds kResolutionDelay{50};  // RFC 8305, section 8.

}  // namespace

Result<Step> Resolve::advance() {
  if (!asked_) {
    asked_ = true;
    const auto begun = begin();
    if (!begun || *begun == Step::kNext) return begun;
  }
  return look();
}

Result<Step> Resolve::begin() {
  const auto& target = flow_.handshake->target;
  if (!flow_.egress || !flow_.egress->up) return Error{Errc::kNoEgress, "choose egress"};
  if (target.literal) {
    const auto added = add_candidates(flow_, {&*target.literal, 1}, 0);
    return added ? Result<Step>(Step::kNext) : added.error();
  }
  if (is_loopback_name(target.host)) return Error{Errc::kProhibited, "check destination"};
  if (const auto why = flow_.why_not_ask(target.host, target.port)) return *why;
  const auto asked = ask_for_candidates(flow_);
  return asked ? Result<Step>(Step::kWait) : asked.error();
}

Result<Step> Resolve::look() {
  if (const auto error = take_candidates(flow_, 0)) {
    error_ = error_ ? more_useful(*error_, *error) : *error;
  }
  const auto& candidates = flow_.handshake->candidates;
  const bool awaits = awaits_v6(flow_) || awaits_v4(flow_);
  if (candidates.empty()) return awaits ? Result<Step>(Step::kWait) : *error_;
  if (!awaits_v6(flow_) || may_begin_with_v4()) return Step::kNext;
  return Step::kWait;
}

// IPv4 has come first; IPv6 has a moment yet.
bool Resolve::may_begin_with_v4() {
  if (delay_) return !delay_->running();
  delay_ = std::make_unique<Alarm>(flow_.bench.reactor, flow_.on_ready);
  delay_->start(kResolutionDelay);
  return false;
}

}  // namespace airlane
