// Which target the bytes of one connection belong to: that of its tunnel, of the HTTP exchange
// that runs, or of each datagram.
//
// A connection counts its bytes once (meter.h); here is how many of them have been told, and for
// whom the rest is. So whatever is not known of a target, all that is told adds up to what the
// proxy is charged for. Made only where a proxy's targets are told apart. Owned by the Meter; its
// worker's thread only.
#pragma once

#include <cstdint>
#include <memory>

#include "proxy/datagram_targets.h"
#include "proxy/protocol/target.h"
#include "proxy/target_record.h"

namespace airlane {

class TargetReports;

class TargetAccount {
 public:
  struct Moved {
    std::uint64_t incoming = 0;
    std::uint64_t outgoing = 0;
  };

  // Of a connection that has moved so much already, which is nobody's.
  explicit TargetAccount(const Moved& before) : told_(before) {}
  TargetAccount(TargetAccount&&) = delete;

  // Who gets what moves from now on. What has moved must have been told.
  void begin(std::string_view host, std::uint16_t port);
  void begin_datagrams() { datagrams_ = std::make_unique<DatagramTargets>(); }
  // A connection to it was made.
  void connected() noexcept { ++record_.connections; }
  [[nodiscard]] DatagramTargets* datagrams() noexcept { return datagrams_.get(); }

  // Tells what is new since the last time, of a connection that has moved `all`. With a `kept` of
  // 0, nobody wants to know it any more.
  void tell(const Moved& all, std::int64_t proxy, std::uint32_t kept, TargetReports& to,
            unsigned worker);

 private:
  TargetRecord record_;  // Of the target now; without a name: of nobody in particular.
  Moved told_;
  std::unique_ptr<DatagramTargets> datagrams_;
};

}  // namespace airlane
