// A TCP SYN as p0f v3 writes it down: ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass
//
// A value without I/O. It holds everything that the grammar can say, also what no kernel would
// send; recipe.h decides what can be put on the wire. Written in one way only: however a signature
// was spelled, to_string() gives its canonical text, which parses to the same value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace airlane {

enum class Quirk : std::uint8_t {
  kDf,            // df      "don't fragment"
  kIdNonZero,     // id+     with df, and yet an IP id
  kIdZero,        // id-     without df, and yet no IP id
  kEcn,           // ecn     explicit congestion notification is offered
  kReserved,      // 0+      the reserved bit of the IP header is set
  kFlow,          // flow    an IPv6 flow label
  kSequenceZero,  // seq-    sequence number 0
  kAckNonZero,    // ack+    an ACK number without the flag
  kAckZero,       // ack-    the flag without a number
  kUrgentValue,   // uptr+   an urgent pointer without the flag
  kUrgentFlag,    // urgf+
  kPushFlag,      // pushf+
  kOwnTimeZero,   // ts1-    own timestamp 0
  kPeerTime,      // ts2+    a timestamp of the peer, who has sent none yet
  kTrailing,      // opt+    something other than zeros after the end of the options
  kScaleTooHigh,  // exws    window scale above 14
  kMalformed,     // bad     options that cannot be parsed
};
inline constexpr Quirk kLastQuirk = Quirk::kMalformed;

class Quirks {
 public:
  constexpr void set(Quirk quirk) { bits_ |= bit(quirk); }
  constexpr void clear(Quirk quirk) { bits_ &= ~bit(quirk); }
  [[nodiscard]] constexpr bool has(Quirk quirk) const { return (bits_ & bit(quirk)) != 0; }
  constexpr bool operator==(const Quirks&) const = default;

 private:
  static constexpr std::uint32_t bit(Quirk quirk) { return 1U << static_cast<unsigned>(quirk); }
  std::uint32_t bits_ = 0;
};

// Kinds of TCP options (IANA) that have a name of their own in the grammar; others are ?N.
enum TcpOptionKind : std::uint8_t {
  kOptionEnd = 0,          // eol+N
  kOptionNop = 1,          // nop
  kOptionMss = 2,          // mss
  kOptionScale = 3,        // ws
  kOptionSackAllowed = 4,  // sok
  kOptionSack = 5,         // sack
  kOptionTime = 8,         // ts
};

struct TcpOption {
  std::uint8_t kind = kOptionNop;
  // For kOptionEnd: the bytes behind it, or kUnsaid when it is written ?0.
  static constexpr std::int16_t kUnsaid = -1;
  std::int16_t padding = kUnsaid;
  bool operator==(const TcpOption&) const = default;
};

struct Signature {
  enum class Version : std::uint8_t { kAny, kV4, kV6 };
  enum class TtlForm : std::uint8_t {
    kExact,    // N, and N+M: seen as N after M hops, so it began as N+M
    kAtMost,   // N-: random, at most N
    kUnknown,  // N+?: seen as N after nobody knows how many hops
  };
  enum class WindowForm : std::uint8_t {
    kAny,       // *
    kFixed,     // N
    kMultiple,  // %N
    kTimesMss,  // mss*N
    kTimesMtu,  // mtu*N
  };
  enum class Payload : std::uint8_t { kNone, kSome, kAny };

  Version version = Version::kAny;
  TtlForm ttl_form = TtlForm::kExact;
  std::uint8_t ttl = 64;
  std::uint8_t ip_options = 0;       // Their length in bytes.
  std::optional<std::uint16_t> mss;  // Absent: any.
  WindowForm window_form = WindowForm::kAny;
  std::uint16_t window = 0;           // N of the form.
  std::optional<std::uint8_t> scale;  // Absent: any.
  std::vector<TcpOption> options;     // In their order; kMostOptions at most.
  Quirks quirks;
  Payload payload = Payload::kNone;

  static constexpr std::size_t kMostOptions = 24;
  bool operator==(const Signature&) const = default;

  [[nodiscard]] bool has_option(std::uint8_t kind) const;
};

// The names in the order in which p0f writes them.
std::string_view name_of(Quirk quirk);
std::optional<Quirk> quirk_of(std::string_view name);
std::string to_string(const TcpOption& option);
std::string to_string(const Signature& signature);

// The sentence of a Failure names the field and the position. A space stands for the '+' that a
// query string turned into it: no signature has a space.
Outcome<Signature> parse_signature(std::string_view text);

}  // namespace airlane
