// What a connection has of the extra credential by which it came in. Only such connections have
// one: the others pay for a null pointer. Belongs to the connection, on its worker's thread.
#pragma once

#include <memory>
#include <span>

#include "base/result.h"
#include "proxy/count.h"
#include "proxy/gate.h"
#include "proxy/source_seats.h"
#include "proxy/world.h"

namespace airlane {

struct Flow;

struct CredentialUse {
  // Takes a place among the credential's; kOverLimit or kOverQuota when there is none.
  static Result<std::unique_ptr<CredentialUse>> begin(std::shared_ptr<const Account> account,
                                                      const Flow& flow);

  std::shared_ptr<const Account> account;  // As the world has it.
  std::span<const CounterSlot> row;        // Its counters of all workers.
  SourceSeat source_seat;
  Seat seat;
};

// Null when the proxy has no such credential (any more).
std::shared_ptr<const Account> credential_of(const ProxyPort& proxy, std::int64_t id) noexcept;

// Why connections of this account may not go on, as far as it is its time or its quota; or nothing.
std::optional<Error> why_over(const Account& account, std::span<const CounterSlot> row,
                              WallSeconds now) noexcept;

}  // namespace airlane
