#include "proxy/credential_use.h"

#include <algorithm>
#include <utility>

#include "proxy/flow.h"
#include "proxy/source_key.h"

namespace airlane {

Result<std::unique_ptr<CredentialUse>> CredentialUse::begin(std::shared_ptr<const Account> account,
                                                            const Flow& flow) {
  auto use = std::make_unique<CredentialUse>();
  use->account = std::move(account);
  const auto& who = *use->account;
  use->row = flow.bench.counters.row(who.counter_row);
  if (!has_quota_left(who.limits, use->row)) {
    return Error{Errc::kOverQuota, kCredentialLimits.quota};
  }
  if (const auto most = who.limits.connections_per_source; most != 0) {
    auto taken = flow.bench.source_seats.take(source_key(who.id, flow.source));
    use->source_seat = std::move(taken.seat);
    if (taken.count > most) {
      return Error{Errc::kOverLimit, kCredentialLimits.connections_per_source};
    }
  }
  auto seat = Seat::take(who.gate, who.limits, flow.bench.reactor.now(), kCredentialLimits);
  if (!seat) return seat.error();
  use->seat = *std::move(seat);
  return use;
}

std::shared_ptr<const Account> credential_of(const ProxyPort& proxy, std::int64_t id) noexcept {
  const auto found = std::find_if(proxy.credentials.begin(), proxy.credentials.end(),
                                  [id](const auto& one) { return one->id == id; });
  return found == proxy.credentials.end() ? nullptr : *found;
}

std::optional<Error> why_over(const Account& account, std::span<const CounterSlot> row,
                              WallSeconds now) noexcept {
  const bool is_credential = account.id < 0;
  if (account.in_use_till && now >= *account.in_use_till) {
    return Error{Errc::kClosing, is_credential ? "keep rental of the credential" : "keep rental"};
  }
  if (has_quota_left(account.limits, row)) return std::nullopt;
  return Error{Errc::kOverQuota, limit_names(account).quota};
}

}  // namespace airlane
