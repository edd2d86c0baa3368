#include "netlink/fingerprint/syn_tap.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace airlane {
namespace {

Failure cannot(const char* doing) {
  std::string why = std::system_category().message(errno) + ".";
  if (errno == EPERM) why = "that needs CAP_NET_RAW; run as root or by the systemd unit.";
  return {Failure::Kind::kUnavailable,
          std::string("Cannot look at packets of the dongle (") + doing + "): " + why};
}

// What leaves by TCP from a port, over IPv4 or IPv6. Offsets count from the IP header, which is
// where a SOCK_DGRAM packet socket begins; a jump counts from the line behind it.
std::array<sock_filter, 15> leaves_from(std::uint16_t port) {
  constexpr auto line = [](int code, std::uint32_t value, std::uint8_t yes = 0,
                           std::uint8_t no = 0) {
    return sock_filter{static_cast<std::uint16_t>(code), yes, no, value};
  };
  constexpr int kByteAt = BPF_LD | BPF_B | BPF_ABS;
  constexpr int kIfEqual = BPF_JMP | BPF_JEQ | BPF_K;
  constexpr int kReturn = BPF_RET | BPF_K;
  return {line(kByteAt, 0),
          line(BPF_ALU | BPF_AND | BPF_K, 0xf0),
          line(kIfEqual, 0x40, 0, 5),  // To IPv6.
          line(kByteAt, 9),
          line(kIfEqual, IPPROTO_TCP, 0, 8),   // To the end.
          line(BPF_LDX | BPF_B | BPF_MSH, 0),  // The size of the header.
          line(BPF_LD | BPF_H | BPF_IND, 0),   // The port behind it.
          line(BPF_JMP | BPF_JA, 4),           // To its comparison.
          line(kIfEqual, 0x60, 0, 4),          // IPv6, or the end.
          line(kByteAt, 6),
          line(kIfEqual, IPPROTO_TCP, 0, 2),
          line(BPF_LD | BPF_H | BPF_ABS, 40),
          line(kIfEqual, port, 1, 0),
          line(kReturn, 0),
          line(kReturn, 65535)};
}

}  // namespace

Outcome<SynTap> SynTap::open(int interface, std::uint16_t from_port) {
  // Of no protocol until the filter is there.
  UniqueFd fd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return cannot("socket");
  auto filter = leaves_from(from_port);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
    return cannot("filter");
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = interface;
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return cannot("bind");
  }
  return SynTap(std::move(fd));
}

std::optional<std::vector<std::uint8_t>> SynTap::read() {
  for (;;) {
    std::vector<std::uint8_t> packet(2048);
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const auto got = recvfrom(socket_.get(), packet.data(), packet.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= 0) return std::nullopt;
    if (from.sll_pkttype != PACKET_OUTGOING) continue;
    packet.resize(static_cast<std::size_t>(got));
    return packet;
  }
}

}  // namespace airlane
