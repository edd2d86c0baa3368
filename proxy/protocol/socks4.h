// The server side of a SOCKS4 or SOCKS4a request (the two memos by Ying-Da Lee; there is no RFC),
// as a function of bytes.
//
//   VN 4 | CD 1 connect, 2 bind | DSTPORT 2 | DSTIP 4 | USERID ... 00 | 4a: NAME ... 00
//
// SOCKS4a is a request for 0.0.0.x, x not 0, followed by a name. The user id is a claim without a
// proof: it is read over and forgotten. No socket, no timer, no policy; holds a name of at most 255
// bytes, and refuses a user id longer than that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "proxy/protocol/target.h"

namespace airlane {

class Socks4 {
 public:
  enum class Command : std::uint8_t { kConnect = 1, kBind = 2 };

  void reset();  // For another connection.

  // Whether the request is complete. Consumes no byte behind it: what is left is the first payload.
  // An Error is for good: feeding on repeats it.
  Result<bool> feed(std::span<const char>& input);

  // Of a complete request.
  [[nodiscard]] Command command() const noexcept { return static_cast<Command>(head_[1]); }
  [[nodiscard]] const Target& target() const noexcept { return target_; }

  // 0x5A or 0x5B. The protocol knows no IPv6: such an address is sent as 0.0.0.0.
  static std::string reply(bool granted, const Address& bound);

 private:
  enum class State : std::uint8_t { kHead, kUser, kName, kComplete };

  [[nodiscard]] std::uint8_t at(std::size_t i) const noexcept {
    return static_cast<std::uint8_t>(head_[i]);
  }
  void take(char byte);
  void end_of_user();
  void end_of_request();
  void fail(Errc code, const char* during) { failure_ = Error{code, during}; }

  State state_ = State::kHead;
  std::uint16_t size_ = 0;  // Of the part at hand.
  std::array<char, 8> head_{};
  std::array<char, 255> name_{};
  Target target_;
  std::optional<Error> failure_;
};

}  // namespace airlane
