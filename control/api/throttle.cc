#include "control/api/throttle.h"

#include <algorithm>

namespace airlane::api {

Monotonic::duration Throttle::wait(std::int64_t proxy, Monotonic::time_point now) const {
  const auto last = accepted_.find(proxy);
  if (last == accepted_.end()) return {};
  return std::max<Monotonic::duration>(last->second + interval_ - now, Monotonic::duration::zero());
}

void Throttle::accept(std::int64_t proxy, Monotonic::time_point now) {
  std::erase_if(accepted_, [&](const auto& call) { return call.second + interval_ <= now; });
  accepted_[proxy] = now;
}

}  // namespace airlane::api
