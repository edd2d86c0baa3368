// The server side of a SOCKS5 handshake (RFC 1928, RFC 1929), as a function of bytes.
//
// No socket, no timer, no policy: bytes go in through `feed`, bytes for the client come out of
// `take_reply`, and wherever somebody has to decide, `feed` stops and says so. Bytes that a client
// sent ahead of a decision stay in its span.
//
//   feed answers        the session then
//   kNeedMore           waits for more bytes
//   kChooseMethod       looks at `offers`, calls `choose`, feeds the rest
//   kCheckCredentials   looks at `username` and `password`, calls `accept_credentials`, feeds the
//   rest kRequest            acts on `command` and `target`, and sends `reply` an Error sends
//   `reply(socks5_reply(code), {})` if `expects_reply`, and closes
//
// Having refused (kNoAcceptable, or credentials that are not accepted) the session sends
// `take_reply` and closes. An Error is for good: feeding on repeats it. Holds the message at hand
// in itself, the longest of which has 513 bytes; of a name longer than 15 bytes the Target makes
// one allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/address.h"
#include "base/result.h"
#include "proxy/protocol/target.h"

namespace airlane {

class Socks5 {
 public:
  enum class Step : std::uint8_t { kNeedMore, kChooseMethod, kCheckCredentials, kRequest };
  enum class Method : std::uint8_t { kNone = 0x00, kPassword = 0x02, kNoAcceptable = 0xff };
  enum class Command : std::uint8_t { kConnect = 1, kBind = 2, kUdpAssociate = 3 };

  void reset() noexcept;  // For the next connection. Keeps the memory.

  // Consumes as much of `input` as belongs to the handshake; what is left is for the next step, and
  // after kRequest it is the first payload. Where a decision is owed, it consumes nothing and
  // repeats its question.
  Result<Step> feed(std::span<const char>& input);

  [[nodiscard]] bool offers(Method method) const noexcept;
  void choose(Method method);  // kNoAcceptable, or one that the client offers.

  // Views that are good until `accept_credentials`, which forgets the password.
  [[nodiscard]] std::string_view username() const noexcept { return text(2, size_at(1)); }
  [[nodiscard]] std::string_view password() const noexcept {
    return text(3 + size_at(1), size_at(2 + size_at(1)));
  }
  void accept_credentials(bool accepted);

  // What to send to the client, of all decisions since the last call; empty when there is nothing.
  std::string take_reply() { return std::exchange(reply_, {}); }

  [[nodiscard]] Command command() const noexcept { return command_; }
  // For kUdpAssociate a hint of where the client will send from, and 0.0.0.0 when it made no sense
  // (PySocks says "0"); for kBind and kUdpAssociate the port may be 0.
  [[nodiscard]] const Target& target() const noexcept { return target_; }

  // Whether the client is waiting for `reply`: it has been admitted, so errors have a SOCKS code.
  [[nodiscard]] bool expects_reply() const noexcept { return admitted_; }
  // The answer to a request: 0x00, or a code of RFC 1928, section 6.
  static std::string reply(std::uint8_t code, const Address& bound);

 private:
  enum class State : std::uint8_t {
    kGreeting,
    kMethodOwed,
    kCredentials,
    kVerdictOwed,
    kRequest,
    kComplete,
    kRefused
  };

  [[nodiscard]] std::size_t size_at(std::size_t i) const noexcept {
    return static_cast<std::uint8_t>(message_[i]);
  }
  [[nodiscard]] std::string_view text(std::size_t at, std::size_t size) const noexcept {
    return {message_.data() + at, size};
  }
  void enter(State next) noexcept;
  Status read_message();
  Status read_greeting();
  Status read_credentials();
  Status read_request();
  Status read_target(std::size_t host_at, std::size_t host_size);

  State state_ = State::kGreeting;
  bool admitted_ = false;
  Command command_ = Command::kConnect;
  std::uint16_t size_ = 0;           // Bytes of `message_` that have arrived.
  std::array<char, 513> message_{};  // The message at hand.
  std::string reply_;
  Target target_;
  Error failure_{Errc::kUnauthenticated, "go on after a refusal"};  // Of kRefused.
};

}  // namespace airlane
