// Sees one socket's SYNs leave by an interface, as they are behind every program of the kernel.
//
// A packet socket, which the kernel gives nothing but what goes out from one TCP port: however much
// else the interface carries, nobody is woken for it. Needs CAP_NET_RAW. Not blocking; the
// descriptor is readable when something was seen.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

class SynTap {
 public:
  static Outcome<SynTap> open(int interface, std::uint16_t from_port);

  [[nodiscard]] int fd() const { return socket_.get(); }
  // The next packet, from its IP header on; absent when there is none yet.
  std::optional<std::vector<std::uint8_t>> read();

 private:
  explicit SynTap(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace airlane
