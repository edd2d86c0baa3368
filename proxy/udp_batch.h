// Datagrams by the dozen: one recvmmsg(2) and one sendmmsg(2) for as many as the kernel has.
//
// Where the kernel has joined datagrams of one flow (UDP_GRO), a message holds several of the same
// size; and consecutive datagrams of the same size to the same place leave as one message that the
// kernel cuts again (UDP_SEGMENT). Measured on
// loopback, in round trips per CPU second: many per call is worth 15 to 30 % over one, joining them
// on the way out another 5 to 20 %.
//
// One of each per worker, used by one relay at a time: nothing in here outlives a call of it. Never
// waits: what does not fit into a socket's buffer is dropped, as by any router.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/callback.h"
#include "proxy/protocol/socks_udp.h"

namespace airlane {

class DatagramReader {
 public:
  static constexpr unsigned kMost = 32;  // Messages per call.

  struct Message {
    Address source;
    std::span<const char> bytes;
    std::size_t segment = 0;  // Each datagram in it has so many bytes, but for a shorter last one.

    [[nodiscard]] std::size_t datagrams() const noexcept {
      return segment == 0 ? 1 : (bytes.size() + segment - 1) / segment;
    }
  };

  DatagramReader();
  DatagramReader(DatagramReader&&) = delete;

  // How many there are now, up to `most`; they are good until the next call. Fewer than that: there
  // are no more.
  unsigned receive(int fd, unsigned most = kMost) noexcept;
  [[nodiscard]] Message message(unsigned i) const noexcept;

 private:
  // The largest datagram, and a bit: at a distance of a power of two, all of them would compete for
  // the same lines of the cache.
  static constexpr std::size_t kSlot = (64 << 10) + (2 << 10) + 192;

  struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes;
  };

  std::unique_ptr<char[]> slots_;  // Not touched, so not there, before something arrives.
  std::array<mmsghdr, kMost> headers_{};
  std::array<iovec, kMost> parts_{};
  std::array<sockaddr_in6, kMost> sources_{};
  std::array<Control, kMost> controls_{};
};

// What a socket is known to be able to do; one for each socket that is sent on.
struct SegmentLimits {
  std::uint32_t size = UINT16_MAX;  // Of a datagram that may be joined with others; 0: none.
};

class DatagramWriter {
 public:
  DatagramWriter() = default;
  DatagramWriter(DatagramWriter&&) = delete;

  using Sent = Callback<void(const Address& to, std::uint64_t payload)>;

  // Everything that is added goes to this socket, until `flush`. `sent`, if it is there, is told
  // whom the kernel has taken something for.
  void begin(int fd, SegmentLimits& limits, const Sent* sent = nullptr) noexcept;
  // To `to`, or where the socket is connected to. The payload is only looked at, in flush().
  void add(const Address* to, std::span<const char> header, std::span<const char> payload) noexcept;
  // Sends what was added.
  void flush() noexcept;

  // Since begin(): payload without headers, and datagrams that the kernel did not take, or for
  // which it had no room.
  [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::uint64_t crowded_out() const noexcept { return crowded_out_; }

 private:
  static constexpr unsigned kMessages = 64;
  static constexpr unsigned kParts = 512;
  static constexpr std::size_t kSegments = 64;        // UDP_MAX_SEGMENTS of all kernels.
  static constexpr std::size_t kMessageMost = 65000;  // Of a joined message, with its headers.

  struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
  };
  struct Message {
    Address to;
    std::array<char, kSocksDatagramHeaderMost> header;
    std::uint16_t header_size = 0;
    std::uint32_t segment = 0;  // Size of its datagrams, with the header.
    std::uint16_t segments = 0;
    bool whole = true;  // No shorter datagram has ended it yet.
    std::size_t size = 0;
    std::size_t payload = 0;
  };

  bool join(const Address* to, std::span<const char> header,
            std::span<const char> payload) noexcept;
  void append(Message& message, std::span<const char> payload) noexcept;
  void mark_segments() noexcept;
  void send(unsigned from) noexcept;
  void note_sent(unsigned from, unsigned count) noexcept;
  void send_apart(unsigned index, int error) noexcept;
  void note_failure(int error) noexcept;

  int fd_ = -1;
  SegmentLimits* limits_ = nullptr;
  const Sent* sent_ = nullptr;
  unsigned count_ = 0;
  unsigned part_count_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t crowded_out_ = 0;
  std::array<mmsghdr, kMessages> headers_{};
  std::array<Message, kMessages> messages_{};
  std::array<sockaddr_storage, kMessages> addresses_{};
  std::array<Control, kMessages> controls_{};
  std::array<iovec, kParts> parts_{};
};

// What all relays of a worker share.
struct UdpBench {
  DatagramReader reader;
  DatagramWriter writer;
};

}  // namespace airlane
