// A SYN as it came out, byte by byte, against the signature that it should have. Written against
// the RFCs, and not by what makes SYNs: where both are wrong, p0f tells (p0f_test.cc).
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "netlink/fingerprint/signature.h"

namespace airlane::test {

using Bytes = std::vector<std::uint8_t>;

inline unsigned number(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  unsigned value = 0;
  for (std::size_t i = at; i < at + size && i < bytes.size(); ++i) value = value << 8 | bytes[i];
  return value;
}

// RFC 1071, before the complement: 0xffff over data that holds its own right check sum.
inline unsigned sum(std::span<const std::uint8_t> bytes, unsigned start = 0) {
  std::uint64_t total = start;
  for (std::size_t i = 0; i < bytes.size(); ++i) total += bytes[i] * (i % 2 == 0 ? 256U : 1U);
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<unsigned>(total);
}

// An IP packet, without what is in front of it.
class Packet {
 public:
  explicit Packet(Bytes bytes, bool check_pending = false)
      : bytes_(std::move(bytes)), check_pending_(check_pending) {}

  [[nodiscard]] bool v6() const { return byte(0) >> 4 == 6; }
  [[nodiscard]] std::size_t ip_size() const { return v6() ? 40 : (byte(0) & 15U) * 4; }
  [[nodiscard]] int protocol() const { return byte(v6() ? 6 : 9); }
  [[nodiscard]] int ttl() const { return byte(v6() ? 7 : 8); }
  [[nodiscard]] std::span<const std::uint8_t> ip() const { return all().first(ip_size()); }
  [[nodiscard]] std::span<const std::uint8_t> tcp() const { return all().subspan(ip_size()); }
  [[nodiscard]] int flags() const { return protocol() == 6 ? byte(ip_size() + 13) : 0; }
  [[nodiscard]] bool is_syn() const { return (flags() & 0x17) == 0x02; }
  [[nodiscard]] unsigned from_port() const { return number(tcp(), 0, 2); }
  [[nodiscard]] unsigned to_port() const { return number(tcp(), 2, 2); }
  [[nodiscard]] std::span<const std::uint8_t> all() const { return bytes_; }
  [[nodiscard]] bool check_pending() const { return check_pending_; }

  // Of the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1).
  [[nodiscard]] unsigned pseudo_sum() const {
    const auto size = static_cast<unsigned>(tcp().size());
    return sum(v6() ? all().subspan(8, 32) : all().subspan(12, 8),
               static_cast<unsigned>(protocol()) + size);
  }

 private:
  [[nodiscard]] std::uint8_t byte(std::size_t at) const {
    return at < bytes_.size() ? bytes_[at] : 0;
  }

  Bytes bytes_;
  bool check_pending_;  // The device would have completed it: only the pseudo header is in it.
};

// The check sums: that of IPv4, and that of TCP in the form that the packet says it is in.
inline void expect_right_sums(const Packet& packet) {
  if (!packet.v6()) {
    EXPECT_EQ(sum(packet.ip()), 0xffffU) << "the check sum of IP";
  }
  if (packet.check_pending()) {
    EXPECT_EQ(number(packet.tcp(), 16, 2), packet.pseudo_sum()) << "of the pseudo header";
  } else {
    EXPECT_EQ(sum(packet.tcp(), packet.pseudo_sum()), 0xffffU) << "the check sum of TCP";
  }
}

// Its options, as a signature has them, with their values.
struct SeenOptions {
  std::vector<TcpOption> layout;
  int mss = -1;
  int scale = -1;
  unsigned time = 0;
  unsigned peer_time = 0;
  bool trailing = false;  // There is something behind the end.
  bool whole = true;      // They could be parsed.
};

inline SeenOptions read_options(std::span<const std::uint8_t> bytes) {
  SeenOptions seen;
  while (!bytes.empty()) {
    const auto kind = bytes[0];
    if (kind == kOptionEnd) {
      seen.layout.push_back({kind, static_cast<std::int16_t>(bytes.size() - 1)});
      for (const auto byte : bytes) seen.trailing |= byte != 0;
      return seen;
    }
    seen.layout.push_back({kind});
    const std::size_t size = kind == kOptionNop ? 1 : number(bytes, 1, 1);
    if (size == 0 || size > bytes.size() || (size == 1 && kind != kOptionNop)) {
      seen.whole = false;
      return seen;
    }
    if (kind == kOptionMss && size == 4) seen.mss = static_cast<int>(number(bytes, 2, 2));
    if (kind == kOptionScale && size == 3) seen.scale = bytes[2];
    if (kind == kOptionTime && size == 10) {
      seen.time = number(bytes, 2, 4);
      seen.peer_time = number(bytes, 6, 4);
    }
    bytes = bytes.subspan(size);
  }
  return seen;
}

// What the kernel would have sent, for what a signature leaves open.
struct Native {
  int mss = 1460;
  int window = -1;  // Unknown.
  int scale = -1;
};

namespace looks {

inline void expect_ip(const Signature& wanted, const Packet& packet) {
  const auto& quirks = wanted.quirks;
  const auto ip = packet.ip();
  EXPECT_EQ(packet.ttl(), wanted.ttl);
  EXPECT_EQ(packet.protocol(), 6);
  if (packet.v6()) {
    EXPECT_EQ(number(ip, 4, 2), packet.tcp().size()) << "payload length";
    EXPECT_EQ((number(ip, 0, 4) & 0xfffff) != 0, quirks.has(Quirk::kFlow)) << "flow label";
    EXPECT_EQ(number(ip, 0, 4) >> 20 & 3, 0U) << "ECN bits";
    return;
  }
  EXPECT_EQ(ip.size(), 20U) << "IP options";
  EXPECT_EQ(number(ip, 2, 2), packet.all().size()) << "total length";
  EXPECT_EQ(ip[1] & 3, 0) << "ECN bits";
  const auto fragment = number(ip, 6, 2);
  EXPECT_EQ((fragment & 0x8000) != 0, quirks.has(Quirk::kReserved));
  EXPECT_EQ((fragment & 0x4000) != 0, quirks.has(Quirk::kDf));
  EXPECT_EQ(fragment & 0x3fff, 0U);
  const bool has_id =
      quirks.has(Quirk::kDf) ? quirks.has(Quirk::kIdNonZero) : !quirks.has(Quirk::kIdZero);
  EXPECT_EQ(number(ip, 4, 2) != 0, has_id) << "IP id";
}

inline void expect_window(const Signature& wanted, const Packet& packet, const Native& native) {
  const auto window = static_cast<int>(number(packet.tcp(), 14, 2));
  const int mss = wanted.mss ? *wanted.mss : native.mss;
  switch (wanted.window_form) {
    case Signature::WindowForm::kAny:
      if (native.window >= 0) {
        EXPECT_EQ(window, native.window);
      }
      break;
    case Signature::WindowForm::kFixed:
      EXPECT_EQ(window, wanted.window);
      break;
    case Signature::WindowForm::kMultiple:
      EXPECT_EQ(window % wanted.window, 0);
      EXPECT_GT(window, 0);
      break;
    case Signature::WindowForm::kTimesMss:
      EXPECT_EQ(window, wanted.window * mss);
      break;
    case Signature::WindowForm::kTimesMtu:
      EXPECT_EQ(window, wanted.window * (mss + (packet.v6() ? 60 : 40)));
      break;
  }
}

inline void expect_options(const Signature& wanted, const Packet& packet, const Native& native) {
  const auto seen = read_options(packet.tcp().subspan(20));
  EXPECT_TRUE(seen.whole);
  EXPECT_EQ(seen.layout, wanted.options);
  EXPECT_EQ(seen.trailing, wanted.quirks.has(Quirk::kTrailing));
  if (wanted.has_option(kOptionMss)) {
    EXPECT_EQ(seen.mss, wanted.mss ? *wanted.mss : native.mss);
  }
  if (wanted.has_option(kOptionScale) && (wanted.scale || native.scale >= 0)) {
    EXPECT_EQ(seen.scale, wanted.scale ? *wanted.scale : native.scale);
  }
  if (wanted.has_option(kOptionTime)) {
    EXPECT_EQ(seen.time == 0, wanted.quirks.has(Quirk::kOwnTimeZero)) << seen.time;
    EXPECT_EQ(seen.peer_time != 0, wanted.quirks.has(Quirk::kPeerTime));
  }
}

inline void expect_tcp(const Signature& wanted, const Packet& packet) {
  const auto& quirks = wanted.quirks;
  const auto tcp = packet.tcp();
  ASSERT_GE(tcp.size(), 20U);
  EXPECT_EQ(tcp[12] >> 4, static_cast<int>(tcp.size() / 4)) << "data offset, and no data";
  EXPECT_EQ(tcp[12] & 15, 0);
  int flags = 0x02;
  if (quirks.has(Quirk::kEcn)) flags |= 0xc0;
  if (quirks.has(Quirk::kUrgentFlag)) flags |= 0x20;
  if (quirks.has(Quirk::kPushFlag)) flags |= 0x08;
  EXPECT_EQ(tcp[13], flags);
  EXPECT_EQ(number(tcp, 8, 4) != 0, quirks.has(Quirk::kAckNonZero)) << "ACK number";
  const bool urgent = quirks.has(Quirk::kUrgentValue) || quirks.has(Quirk::kUrgentFlag);
  EXPECT_EQ(number(tcp, 18, 2) != 0, urgent) << "urgent pointer";
}

}  // namespace looks

inline void expect_looks(const Signature& wanted, const Packet& packet, const Native& native = {}) {
  ASSERT_TRUE(packet.is_syn());
  looks::expect_ip(wanted, packet);
  looks::expect_tcp(wanted, packet);
  looks::expect_window(wanted, packet, native);
  looks::expect_options(wanted, packet, native);
  expect_right_sums(packet);
}

}  // namespace airlane::test
