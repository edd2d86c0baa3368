// What becomes of one connection, said once when it has ended: a line in the access log, if there
// is one, and two counts in its worker's Tally. Where a proxy's targets are told apart, also how
// much each of them had, at the end of each HTTP exchange and every few seconds of a tunnel.
//
// With TLS a connection that brought HTTP/1.1 or SOCKS is its one session's to report. One that
// brought HTTP/2 is counted when its front ends, and has a line for each of its streams; whoever
// brought neither has a line of its own.
//
// Without an access log it is four bytes that are written when the stage changes. Owned by the
// Session, whose drive() and its helpers tell it what happens; its worker's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/error.h"

namespace airlane {

class AccessLog;
class TargetReports;
struct Flow;
struct Origin;
struct Tally;

class Report {
 public:
  // With an access log: from now on the flow carries a record of it.
  static void begin(Flow& flow, std::uint16_t port);

  void enter(std::size_t stage, const Flow& flow);
  // The client's request was understood and is allowed.
  static void request(Flow& flow);
  // The stage at work has failed. The first error is the one that counts.
  void fail(const Error& error, const Flow& flow);
  // How much has moved for the target since the last time. `reports` may be null.
  static void tell_targets(const Flow& flow, TargetReports* reports, unsigned worker);
  // The proxy's settings have changed while bytes move.
  static void follow(Flow& flow);
  // Once. `log` may be null.
  void end(const Flow& flow, Tally& tally, AccessLog* log, unsigned worker) const;
  // The same of a client that came by TLS: as far as no session has said it, and in the place of
  // Detect. `why` may be null.
  static void end_front(const Origin& client, const Error* why, Monotonic::time_point now,
                        Tally& tally, AccessLog* log, unsigned worker);

 private:
  std::uint8_t stage_ = 0;    // The one at work.
  std::uint8_t reached_ = 0;  // The furthest, or the one that failed.
  std::optional<Errc> error_;
};

}  // namespace airlane
