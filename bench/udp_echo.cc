#include "bench/udp_echo.h"

namespace airlane::bench {

UdpEcho::UdpEcho(Poller& poller, UniqueFd socket)
    : poller_(poller), socket_(std::move(socket)), bytes_(kBatch * kLargest) {
  poller_.add(socket_.get(), *this);
}

// What does not fit into a send queue is lost, as on any network.
void UdpEcho::ready(std::uint32_t events) {
  if (events != 0 && !(events & kReadable)) return;
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {bytes_.data() + i * kLargest, kLargest};
    messages_[i].msg_hdr = {&peers_[i], sizeof peers_[i], &parts_[i], 1, nullptr, 0, 0};
  }
  const int n = ::recvmmsg(socket_.get(), messages_.data(), kBatch, 0, nullptr);
  if (n <= 0) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    parts_[i].iov_len = messages_[i].msg_len;
  }
  ::sendmmsg(socket_.get(), messages_.data(), static_cast<unsigned>(n), 0);
  poller_.again(*this);
}

}  // namespace airlane::bench
