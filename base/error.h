// What went wrong, in the words of whoever must react to it.
//
// A code names the reaction, not the cause: failures that the client, the operator and the metrics
// would treat alike share one. The cause travels beside it, as errno and a string literal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace airlane {

enum class Errc : std::uint8_t {
  kMalformed,        // The peer broke its protocol.
  kTooLarge,         // A head, name or line is longer than we are willing to hold.
  kTooLong,          // The same of an HTTP request line, which has a status of its own.
  kUnsupported,      // A command or coding that we do not speak.
  kUnknownVersion,   // An HTTP version that we do not speak.
  kUnsupportedType,  // A SOCKS address type that we do not know.
  kUnauthenticated,  // The credentials are missing or wrong.
  kDenied,           // The source address or the rental window does not allow this.
  kProhibited,       // The destination lies inside; see the design's second promise.
  kRuledOut,         // A destination rule of the proxy, or of the credential, denies it.
  kNoEgress,         // The proxy's dongle is away, down or rotating.
  kUnresolved,       // The dongle's resolver has no address for the name.
  kUnreachable,      // The network would not carry us there.
  kRefused,          // The target said no.
  kTimedOut,         // A stage outlived its deadline: a handshake, or a connection to the target.
  kNamesTimedOut,    // The dongle's name servers did not answer.
  kSilent,           // The target, connected, did not answer; or neither end of a tunnel spoke.
  kBadResponse,      // The target's answer breaks the rules of HTTP.
  kBroken,           // A peer reset its connection, or ended it in mid-message.
  kOverLimit,        // One of our own bounds was hit.
  kOverQuota,        // The proxy has used up its traffic for this period.
  kClosing,          // The proxy was removed, its rental ended, or its dongle began a rotation.
  kSystem,           // The kernel or a library failed us; see `os_error`.
};
inline constexpr Errc kLastErrc = Errc::kSystem;

// Trivially copyable and never allocates, so it is cheap enough for the data path.
struct [[nodiscard]] Error {
  Errc code;
  const char* during;  // A literal, in the imperative: "connect", "read greeting".
  int os_error = 0;    // errno, or 0 when no system call was involved.
};

// The audiences of an error. Each is a total function: the switches have no default, so a new code
// does not compile until all of them have an answer for it.
std::uint8_t socks5_reply(Errc code) noexcept;      // RFC 1928, section 6
int http_status(Errc code) noexcept;                // RFC 9110, section 15
std::string_view proxy_status(Errc code) noexcept;  // RFC 9209, section 2.3: the error type
std::string_view metric_label(Errc code) noexcept;
std::string_view explanation(Errc code) noexcept;  // One sentence for a person.

// "connect: Connection refused", for logs.
std::string describe(const Error& error);

// Why something asked for by an operator or an API client was not done. `text` is a whole sentence
// that says what to do about it; it may be shown to whoever asked.
struct [[nodiscard]] Failure {
  enum class Kind : std::uint8_t {
    kInvalid,      // The request makes no sense as it stands.     HTTP 400
    kNotFound,     // It names something that is not there.        HTTP 404
    kConflict,     // It contradicts what is there.                HTTP 409
    kUnavailable,  // The device or the machine cannot do it now.  HTTP 503
    kInternal,     // We failed; the log says how.                 HTTP 500
  };
  Kind kind = Kind::kInternal;
  std::string text;
};

}  // namespace airlane
