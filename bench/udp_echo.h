// The origin's UDP side: every datagram goes back to where it came from, in batches. One thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "bench/net.h"
#include "bench/poller.h"

namespace airlane::bench {

class UdpEcho : public Handler {
 public:
  UdpEcho(Poller& poller, UniqueFd socket);
  void ready(std::uint32_t events) override;

 private:
  static constexpr std::size_t kBatch = 64, kLargest = 2048;

  Poller& poller_;
  UniqueFd socket_;
  std::vector<char> bytes_;
  std::array<mmsghdr, kBatch> messages_{};
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_storage, kBatch> peers_{};
};

}  // namespace airlane::bench
