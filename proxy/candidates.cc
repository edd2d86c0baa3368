#include "proxy/candidates.h"

#include <algorithm>
#include <cerrno>

#include "proxy/destination.h"

namespace airlane {
namespace {

int usefulness(Errc code) noexcept {
  static constexpr Errc kOrder[] = {Errc::kNoEgress, Errc::kUnresolved,  Errc::kNamesTimedOut,
                                    Errc::kSystem,   Errc::kOverLimit,   Errc::kProhibited,
                                    Errc::kRuledOut, Errc::kUnreachable, Errc::kTimedOut,
                                    Errc::kBroken,   Errc::kRefused};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), code) - kOrder);
}

}  // namespace

Status ask_for_candidates(Flow& flow) {
  auto& handshake = *flow.handshake;
  const auto resolver = flow.bench.resolvers.through(*flow.egress, flow.proxy->looks);
  if (!resolver) return resolver.error();
  if (flow.egress->has_v6) {
    handshake.ask_v6.emplace(flow.on_ready);
    (*resolver)->ask(*handshake.ask_v6, handshake.target.host, AF_INET6);
  }
  handshake.ask_v4.emplace(flow.on_ready);
  (*resolver)->ask(*handshake.ask_v4, handshake.target.host, AF_INET);
  return Done{};
}

std::optional<Error> take_candidates(Flow& flow, std::size_t tried) {
  std::optional<Error> failed;
  const auto note = [&failed](const Error& error) {
    failed = failed ? more_useful(*failed, error) : error;
  };
  for (auto* query : {&flow.handshake->ask_v6, &flow.handshake->ask_v4}) {
    if (!*query || !(*query)->answer()) continue;
    const auto& answer = *(*query)->answer();
    if (!answer) {
      note(answer.error());
    } else if (const auto added = add_candidates(flow, *answer, tried); !added) {
      note(added.error());
    }
    query->reset();
  }
  return failed;
}

Status add_candidates(Flow& flow, std::span<const Address> addresses, std::size_t tried) {
  auto& candidates = flow.handshake->candidates;
  const auto before = candidates.size();
  const auto& target = flow.handshake->target;
  bool allowed = false;
  std::optional<Error> refused;
  for (auto address : addresses) {
    address.set_port(target.port);
    if (const auto why = flow.why_not(address, target.name())) {
      refused = refused ? more_useful(*refused, *why) : *why;
      continue;
    }
    allowed = true;
    if (address.is_v4() || flow.egress->has_v6) candidates.push_back(address);
  }
  if (!allowed) return refused.value_or(Error{Errc::kProhibited, "check destination"});
  if (candidates.size() == before) {
    return Error{Errc::kUnreachable, "check destination", ENETUNREACH};
  }
  interleave(candidates, tried, tried == 0 || candidates[tried - 1].is_v4());
  candidates.resize(std::min(candidates.size(), kCandidatesMost));
  return Done{};
}

void interleave(std::vector<Address>& addresses, std::size_t from, bool v6_first) {
  auto place = addresses.begin() + static_cast<std::ptrdiff_t>(from);
  for (bool wants_v6 = v6_first; place != addresses.end(); ++place, wants_v6 = !wants_v6) {
    const auto next = std::find_if(place, addresses.end(), [wants_v6](const Address& address) {
      return address.is_v4() != wants_v6;
    });
    if (next == addresses.end()) return;  // Only the other family is left.
    std::rotate(place, next, next + 1);
  }
}

Error more_useful(const Error& one, const Error& other) noexcept {
  return usefulness(other.code) > usefulness(one.code) ? other : one;
}

}  // namespace airlane
