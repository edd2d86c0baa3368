// What becomes of one connection, said once when it has ended: a line in the access log, if there
// is one, and two counts in its worker's Tally.
//
// Without an access log it is four bytes that are written when the stage changes. Owned by the
// Session, whose drive() and its helpers tell it what happens; its worker's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/error.h"

namespace airlane {

class AccessLog;
struct Flow;
struct Tally;

class Report {
 public:
  // With an access log: from now on the flow carries a record of it.
  static void begin(Flow& flow, std::uint16_t port);

  void enter(std::size_t stage, const Flow& flow);
  // The client's request was understood and is allowed.
  static void request(const Flow& flow);
  // The stage at work has failed. The first error is the one that counts.
  void fail(const Error& error, const Flow& flow);
  // Once. `log` may be null.
  void end(const Flow& flow, Tally& tally, AccessLog* log, unsigned worker) const;

 private:
  std::uint8_t stage_ = 0;    // The one at work.
  std::uint8_t reached_ = 0;  // The furthest, or the one that failed.
  std::optional<Errc> error_;
};

}  // namespace airlane
