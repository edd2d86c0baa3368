// What one connection may move now, of its proxy's rate and quota. Only a connection whose proxy
// has such a limit has a Throttle; the others pay for one null pointer.
//
// Who moves bytes asks for an allowance, moves at most that much, says how much it was, and when
// its source has run dry gives the rest back:
//
//   const auto most = throttle->allowance(Way::kUp, want);   an Error: the quota is used up
//   if (*most == 0) return Step::kWait;                      `on_time` is called when it is due
//   ... throttle->moved(Way::kUp, size);
//   ... throttle->rest(Way::kUp);                            nothing more to move at the moment
//
// The rate is shared with the proxy's other connections, of all workers, by its Gate: each
// reserves one portion at a time and is due in the order of asking, so all get the same. A portion
// is a sixteen-milliseconds' worth at low rates, so that a slow connection flows and does not
// stutter, and at most 1 MiB. A rate may change in mid-flight: adopt().
//
// Datagrams go by the same way: a socket is read while the allowance is not 0, and moved() may say
// more than that; what nobody reads in time, the kernel drops.
//
// The quota is read from the proxy's own counters (count.h), so it agrees with the bill to the
// byte. Whoever moves bytes does so at once after asking, and counts them: between two looks at the
// counters each worker lets one allowance pass, and all of these together are at most what is left
// or kQuotaPortion each. On the way up bytes are counted when they leave us, which may be later:
// who holds many asks leaving() then.
//
// A connection that came by a credential may have two: the one of the credential asks the one of
// the proxy, `outer`, for what it would allow itself.
//
// Belongs to a connection, on its worker's thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/callback.h"
#include "base/event/alarm.h"
#include "base/result.h"
#include "proxy/count.h"
#include "proxy/world.h"

namespace airlane {

// Of this proxy or credential: whether its quota allows another byte. `row` are its counters of all
// workers.
bool has_quota_left(const Limits& limits, std::span<const CounterSlot> row) noexcept;

enum class Way : std::uint8_t { kUp, kDown };  // Towards the target, towards the client.

class Throttle {
 public:
  static constexpr std::size_t kQuotaPortion = 64 << 10;

  // Whether a connection of such a proxy needs one.
  static bool is_needed(const Limits& limits) noexcept;

  Throttle(Reactor& reactor, Callback<void()> on_time, std::shared_ptr<const Account> account,
           std::span<const CounterSlot> row, std::unique_ptr<Throttle> outer = nullptr);
  Throttle(Throttle&&) = delete;
  ~Throttle();  // What was reserved and not used goes back.

  // The same account with other limits. Who waits is called soon, to ask again.
  void adopt(std::shared_ptr<const Account> account);
  // Whether that will do for this account, and no other.
  [[nodiscard]] bool is_only_of(const Account& account) const noexcept {
    return !outer_ && account_->id == account.id;
  }

  // At most `want`; 0: not now. kOverQuota when there will be none any more.
  Result<std::size_t> allowance(Way way, std::size_t want);
  // Of what has been taken in for the target and waits: how much of it may leave now. Never 0.
  [[nodiscard]] Result<std::size_t> leaving(std::size_t held) const noexcept;
  void moved(Way way, std::size_t bytes) noexcept;
  void rest(Way way) noexcept;

  // How large the receive buffer of the socket that is read for this direction should be at most:
  // what a sender may push into it is swallowed, not limited. 0: as the kernel likes.
  [[nodiscard]] int receive_buffer(Way way) const noexcept;

 private:
  struct Lane {
    std::size_t reserved = 0;  // Not used up yet.
    Bucket::Time due;          // From when on.
  };

  Result<std::size_t> own_allowance(Way way, std::size_t want);
  [[nodiscard]] Lane& lane(Way way) noexcept { return way == Way::kUp ? up_ : down_; }
  [[nodiscard]] std::uint64_t rate(Way way) const noexcept;
  [[nodiscard]] Bucket& bucket(Way way) const noexcept;
  void await_due();
  [[nodiscard]] Result<std::size_t> quota_allowance(std::size_t want) const noexcept;

  Reactor& reactor_;
  std::shared_ptr<const Account> account_;
  const std::span<const CounterSlot> row_;
  Lane up_;
  Lane down_;
  Alarm due_alarm_;  // For the lane that is due first.
  const std::unique_ptr<Throttle> outer_;
};

}  // namespace airlane
