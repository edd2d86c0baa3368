#include "proxy/receive_room.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>

namespace airlane {
namespace {

constexpr std::uint32_t kPaceMost = 64 << 20;
// On a way of this length the kernel's tuning cannot run ahead of the bytes, and is faster than we
// would be. No dongle's way to its targets is shorter; another machine of the house is.
constexpr std::chrono::milliseconds kLongWay{5};
// The kernel counts a segment with its overhead, up to several times its bytes, so that the room is
// full when this part of it is on the way.
constexpr std::uint32_t kPart = 8;

// What the kernel's own tuning would end at: tcp(7), tcp_rmem.
std::uint32_t most() noexcept {
  static const std::uint32_t kMost = [] {
    std::uint64_t least = 0;
    std::uint64_t usual = 0;
    std::uint64_t largest = 6 << 20;
    std::ifstream("/proc/sys/net/ipv4/tcp_rmem") >> least >> usual >> largest;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(largest, 1 << 30));
  }();
  return kMost;
}

// As measured by what was acknowledged last; 0 when it is not known.
std::chrono::microseconds round_trip_of(int fd) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  const bool known = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  return std::chrono::microseconds(known ? info.tcpi_rtt : 0);
}

}  // namespace

void ReceiveRoom::look(int fd) noexcept {
  const auto now = Monotonic::now();
  if (pace_ == 0) {
    round_trip_of(fd) < kLongWay ? set(fd, std::min(kFirst, most())) : leave_alone();
  } else if (room_ > 0 && room_ < most() && is_filled(fd, now - since_)) {
    set(fd, std::min(room_ * 2, most()));
  } else {
    pace_ = std::min(pace_ * 2, kPaceMost);  // It need not be asked so often.
  }
  left_ = pace_;
  since_ = now;
}

void ReceiveRoom::leave_alone() noexcept {
  room_ = 0;
  pace_ = kPaceMost;
}

bool ReceiveRoom::is_filled(int fd, Monotonic::duration took) const noexcept {
  const std::chrono::duration<double> round_trip = round_trip_of(fd);
  const std::chrono::duration<double> passed = took;
  const double part = static_cast<double>(room_) / kPart;
  return pace_ * round_trip.count() > part * passed.count();
}

// The window that the peer is told was bounded when the connection began, by the room of that time,
// and only the kernel's own tuning takes the bound along.
void ReceiveRoom::set(int fd, std::uint32_t room) noexcept {
  const int whole = static_cast<int>(room);
  const int half = whole / 2;  // The kernel doubles it (socket(7)).
  const bool may = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half) == 0 &&
                   setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &whole, sizeof whole) == 0;
  if (!may) return leave_alone();
  room_ = room;
  pace_ = 2 * room;
}

}  // namespace airlane
