#include "proxy/resolve.h"

#include <algorithm>

#include "proxy/destination.h"

namespace airlane {

Result<Step> Resolve::advance() {
  if (!query_) {
    if (!flow_.egress || !flow_.egress->up) return Error{Errc::kNoEgress, "choose egress"};
    if (flow_.handshake->target.literal) {
      const auto kept = keep_allowed({*flow_.handshake->target.literal});
      return kept ? Result<Step>(Step::kNext) : kept.error();
    }
    if (is_loopback_name(flow_.handshake->target.host))
      return Error{Errc::kProhibited, "check destination"};
    if (const auto asked = ask(); !asked) return asked.error();
  }
  const auto* answer = query_->answer();
  if (!answer) return Step::kWait;
  if (!*answer) return answer->error();
  const auto kept = keep_allowed(**answer);
  return kept ? Result<Step>(Step::kNext) : kept.error();
}

Status Resolve::ask() {
  const auto resolver = flow_.bench.resolvers.through(*flow_.egress);
  if (!resolver) return resolver.error();
  query_.emplace(flow_.on_ready);
  (*resolver)->ask(*query_, flow_.handshake->target.host, flow_.handshake->target.port,
                   flow_.egress->has_v6);
  return Done{};
}

// The rules look at the addresses that will be connected to, not at the name: a name cannot point
// inside, not even on the second try (DNS rebinding).
Status Resolve::keep_allowed(std::vector<Address> addresses) {
  std::erase_if(addresses, [this](const Address& address) {
    return !may_reach(address, *flow_.destinations);
  });
  if (addresses.empty()) return Error{Errc::kProhibited, "check destination"};
  std::erase_if(addresses, [this](const Address& address) {
    return !address.is_v4() && !flow_.egress->has_v6;
  });
  if (addresses.empty()) return Error{Errc::kUnreachable, "check destination", ENETUNREACH};
  flow_.handshake->candidates = std::move(addresses);
  return Done{};
}

}  // namespace airlane
