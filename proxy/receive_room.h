// How much a socket may hold of what we have not read yet, while much comes through it.
//
// The kernel tunes this by what was read within a round trip, and on a short way one fast beginning
// is enough for all that tcp_rmem allows: megabytes for each reader who stalls afterwards, and more
// than the caches hold for everybody else. So a socket that becomes busy, and whose peer is near,
// gets a fixed room. It doubles as long as what is on the way at a time (rate times round trip)
// would fill a good part of it.
//
// Only where we may set it (CAP_NET_ADMIN); without, the kernel's own tuning goes on. Belongs to
// one direction of a connection, on its worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace airlane {

class ReceiveRoom {
 public:
  static constexpr std::uint32_t kFirst = 512 << 10;

  // So much has been read from the socket.
  void moved(int fd, std::size_t bytes) noexcept {
    if (bytes < left_) {
      left_ -= static_cast<std::uint32_t>(bytes);
    } else {
      look(fd);
    }
  }

 private:
  void look(int fd) noexcept;
  void leave_alone() noexcept;
  [[nodiscard]] bool is_filled(int fd, Monotonic::duration took) const noexcept;
  void set(int fd, std::uint32_t room) noexcept;

  std::uint32_t room_ = 0;       // Bytes, as the kernel counts them; 0: its own tuning.
  std::uint32_t left_ = 0;       // To be moved until we look again.
  std::uint32_t pace_ = 0;       // All that is moved from one look to the next,
  Monotonic::time_point since_;  // and when that began.
};

}  // namespace airlane
