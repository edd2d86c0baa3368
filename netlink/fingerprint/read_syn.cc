#include "netlink/fingerprint/read_syn.h"

#include <algorithm>

namespace airlane {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Form = Signature::WindowForm;

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kTcpHeader = 20;
constexpr std::uint8_t kTcp = 6;
constexpr unsigned kSmallestMss = 100;  // Of smaller ones p0f takes no multiples.

unsigned number(Bytes bytes, std::size_t at, std::size_t size) {
  unsigned value = 0;
  for (std::size_t i = at; i < at + size; ++i) value = value << 8 | bytes[i];
  return value;
}

// Each reads a part of the packet into the signature. The rest of it, or nothing when it is not
// what we look for.
std::optional<Bytes> read_ipv4(Bytes packet, Signature& seen) {
  const std::size_t header = std::size_t{packet[0] & 15U} * 4;
  if (header < kIpv4Header || packet.size() < header || packet[9] != kTcp) return std::nullopt;
  const unsigned size = number(packet, 2, 2);
  if (size < header || size > packet.size()) return std::nullopt;
  const unsigned flags = number(packet, 6, 2);
  const bool has_id = number(packet, 4, 2) != 0;
  const bool whole = (flags & 0x4000) != 0;
  seen.version = Signature::Version::kV4;
  seen.ttl = packet[8];
  seen.ip_options = static_cast<std::uint8_t>(header - kIpv4Header);
  if (whole) seen.quirks.set(Quirk::kDf);
  if (whole && has_id) seen.quirks.set(Quirk::kIdNonZero);
  if (!whole && !has_id) seen.quirks.set(Quirk::kIdZero);
  if ((flags & 0x8000) != 0) seen.quirks.set(Quirk::kReserved);
  if ((packet[1] & 3) != 0) seen.quirks.set(Quirk::kEcn);
  return packet.first(size).subspan(header);
}

std::optional<Bytes> read_ipv6(Bytes packet, Signature& seen) {
  const std::size_t size = packet.size() < kIpv6Header ? 0 : number(packet, 4, 2);
  if (size == 0 || packet.size() < kIpv6Header + size || packet[6] != kTcp) return std::nullopt;
  seen.version = Signature::Version::kV6;
  seen.ttl = packet[7];
  if ((number(packet, 0, 4) & 0xfffff) != 0) seen.quirks.set(Quirk::kFlow);
  if ((number(packet, 0, 4) >> 20 & 3) != 0) seen.quirks.set(Quirk::kEcn);
  return packet.subspan(kIpv6Header, size);
}

void read_value(std::uint8_t kind, Bytes option, Signature& seen) {
  if (kind == kOptionMss && option.size() == 4) {
    seen.mss = static_cast<std::uint16_t>(number(option, 2, 2));
  } else if (kind == kOptionScale && option.size() == 3) {
    seen.scale = option[2];
    if (option[2] > 14) seen.quirks.set(Quirk::kScaleTooHigh);
  } else if (kind == kOptionTime && option.size() == 10) {
    if (number(option, 2, 4) == 0) seen.quirks.set(Quirk::kOwnTimeZero);
    if (number(option, 6, 4) != 0) seen.quirks.set(Quirk::kPeerTime);
  }
}

void read_end(Bytes rest, Signature& seen) {
  seen.options.push_back({kOptionEnd, static_cast<std::int16_t>(rest.size() - 1)});
  const auto behind = rest.subspan(1);
  const bool has_more = std::any_of(behind.begin(), behind.end(), [](auto b) { return b != 0; });
  if (has_more) seen.quirks.set(Quirk::kTrailing);
}

void read_options(Bytes rest, Signature& seen) {
  while (!rest.empty() && seen.options.size() < Signature::kMostOptions) {
    const std::uint8_t kind = rest[0];
    if (kind == kOptionEnd) return read_end(rest, seen);
    seen.options.push_back({kind});
    std::size_t size = 1;
    if (kind != kOptionNop) size = rest.size() < 2 ? 0 : rest[1];
    if (size == 0 || size > rest.size() || (size == 1 && kind != kOptionNop)) {
      seen.quirks.set(Quirk::kMalformed);
      return;
    }
    read_value(kind, rest.first(size), seen);
    rest = rest.subspan(size);
  }
}

void read_window(unsigned window, Signature& seen) {
  const unsigned mss = seen.mss.value_or(0);
  const unsigned mtu = mss + (seen.version == Signature::Version::kV6 ? 60 : 40);
  const auto set = [&](Form form, unsigned value) {
    seen.window_form = form;
    seen.window = static_cast<std::uint16_t>(value);
  };
  set(Form::kFixed, window);
  if (window == 0 || mss < kSmallestMss) return;
  if (window % mss == 0) return set(Form::kTimesMss, window / mss);
  if (window % mtu == 0) return set(Form::kTimesMtu, window / mtu);
}

void read_flags(Bytes tcp, Signature& seen) {
  const unsigned flags = tcp[13];
  if (number(tcp, 4, 4) == 0) seen.quirks.set(Quirk::kSequenceZero);
  if (number(tcp, 8, 4) != 0) seen.quirks.set(Quirk::kAckNonZero);
  if ((flags & 0xc0) != 0) seen.quirks.set(Quirk::kEcn);
  if ((flags & 0x20) != 0) {
    seen.quirks.set(Quirk::kUrgentFlag);
  } else if (number(tcp, 18, 2) != 0) {
    seen.quirks.set(Quirk::kUrgentValue);
  }
  if ((flags & 0x08) != 0) seen.quirks.set(Quirk::kPushFlag);
}

bool has_window(const Signature& signature, const Signature& seen) {
  const unsigned mss = seen.mss.value_or(0);
  const unsigned mtu = mss + (seen.version == Signature::Version::kV6 ? 60 : 40);
  const auto factor = [&](const Signature& one) -> unsigned {
    if (one.window_form == Form::kTimesMss) return mss * one.window;
    return one.window_form == Form::kTimesMtu ? mtu * one.window : one.window;
  };
  switch (signature.window_form) {
    case Form::kAny:
      return true;
    case Form::kMultiple:
      return factor(seen) % signature.window == 0;
    case Form::kFixed:
    case Form::kTimesMss:
    case Form::kTimesMtu:
      return factor(signature) == factor(seen);
  }
  return false;
}

}  // namespace

std::optional<Signature> read_syn(Bytes packet) {
  if (packet.size() < kIpv4Header) return std::nullopt;
  Signature seen;
  const unsigned version = packet[0] >> 4;
  std::optional<Bytes> tcp;
  if (version == 4) tcp = read_ipv4(packet, seen);
  if (version == 6) tcp = read_ipv6(packet, seen);
  if (!tcp || tcp->size() < kTcpHeader || ((*tcp)[13] & 0x17) != 0x02) return std::nullopt;
  const std::size_t header = std::size_t{(*tcp)[12]} / 16 * 4;
  if (header < kTcpHeader || header > tcp->size()) return std::nullopt;
  seen.payload = tcp->size() > header ? Signature::Payload::kSome : Signature::Payload::kNone;
  read_flags(*tcp, seen);
  read_options(tcp->first(header).subspan(kTcpHeader), seen);
  read_window(number(*tcp, 14, 2), seen);
  if (!seen.mss) seen.mss = 0;  // As p0f writes that there is none.
  if (!seen.scale) seen.scale = 0;
  return seen;
}

bool fits(const Signature& signature, const Signature& seen) {
  using Version = Signature::Version;
  if (signature.version != Version::kAny && signature.version != seen.version) {
    return signature.ttl == seen.ttl;  // It says no more of the other family.
  }
  auto quirks = signature.quirks;
  // What only one of the families has.
  const bool v6 = seen.version == Version::kV6;
  for (const auto quirk : {Quirk::kDf, Quirk::kIdNonZero, Quirk::kIdZero, Quirk::kReserved}) {
    if (v6) quirks.clear(quirk);
  }
  if (!v6) quirks.clear(Quirk::kFlow);
  return signature.ttl == seen.ttl && signature.ip_options == seen.ip_options &&
         signature.mss.value_or(*seen.mss) == *seen.mss && has_window(signature, seen) &&
         signature.scale.value_or(*seen.scale) == *seen.scale &&
         signature.options == seen.options && quirks == seen.quirks &&
         seen.payload == Signature::Payload::kNone;
}

}  // namespace airlane
