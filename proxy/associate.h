// The last stage of UDP ASSOCIATE (RFC 1928, section 7): datagrams are relayed as long as the
// client keeps its connection, sends now and then (timeouts.associate) and its dongle stays.
//
// The first answer says where to send datagrams: a port of its own at the address that the client
// is connected to. What it sends on the connection itself afterwards is thrown away.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proxy/flow.h"
#include "proxy/udp_relay.h"
#include "proxy/udp_seats.h"

namespace airlane {

class Associate {
 public:
  static constexpr std::string_view kName = "associate";

  explicit Associate(Flow& flow) : flow_(flow) {}
  Associate(Associate&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error);

 private:
  struct Association {
    explicit Association(Flow& flow) : relay(flow) {}

    UdpSeat seat;
    UdpRelay relay;
  };

  Status begin();

  Flow& flow_;
  std::unique_ptr<Association> association_;  // Not in here: few sessions are associations.
  bool begun_ = false;                        // The client has its answer.
};

}  // namespace airlane
