#include "proxy/protocol/socks4.h"

#include <algorithm>
#include <string_view>

namespace airlane {
namespace {

constexpr std::size_t kPortAt = 2;
constexpr std::size_t kAddressAt = 4;
constexpr std::size_t kTextMost = 255;
constexpr char kGranted = 0x5a;
constexpr char kRejected = 0x5b;

}  // namespace

void Socks4::reset() {
  state_ = State::kHead;
  size_ = 0;
  failure_.reset();
}

Result<bool> Socks4::feed(std::span<const char>& input) {
  while (!failure_ && state_ != State::kComplete) {
    if (input.empty()) return false;
    const char byte = input.front();
    input = input.subspan(1);
    take(byte);
  }
  if (failure_) return *failure_;
  return true;
}

void Socks4::take(char byte) {
  if (state_ == State::kHead) {
    head_[size_++] = byte;
    if (head_[0] != 4) return fail(Errc::kMalformed, "read request");
    if (size_ < head_.size()) return;
    state_ = State::kUser;
    size_ = 0;
  } else if (byte == 0) {
    state_ == State::kUser ? end_of_user() : end_of_request();
  } else if (size_ == kTextMost) {
    fail(Errc::kTooLarge, state_ == State::kUser ? "read user" : "read name");
  } else {
    if (state_ == State::kName) name_[size_] = byte;
    ++size_;
  }
}

void Socks4::end_of_user() {
  const bool named = at(4) == 0 && at(5) == 0 && at(6) == 0 && at(7) != 0;
  size_ = 0;
  if (!named) return end_of_request();
  state_ = State::kName;
}

// As in SOCKS5, a command that we do not speak is refused when all of the request has been read:
// closing with unread bytes would reset the connection and take the reply with it.
void Socks4::end_of_request() {
  const auto port = static_cast<std::uint16_t>(at(kPortAt) << 8 | at(kPortAt + 1));
  if (at(1) != 1 && at(1) != 2) return fail(Errc::kUnsupported, "read command");
  if (command() == Command::kConnect && port == 0) return fail(Errc::kMalformed, "read port");
  if (state_ == State::kName) {
    auto target = make_target(std::string_view(name_.data(), size_), port);
    if (!target) return fail(target.error().code, target.error().during);
    target_ = *std::move(target);
  } else {
    const auto literal = Address::v4(&head_[kAddressAt], port);
    target_ = Target{literal.ip(), literal, port};
  }
  state_ = State::kComplete;
}

std::string Socks4::reply(bool granted, const Address& bound) {
  std::string message{0, granted ? kGranted : kRejected, static_cast<char>(bound.port() >> 8),
                      static_cast<char>(bound.port() & 0xff)};
  static constexpr std::array<char, 4> kNowhere{};
  message.append(bound.is_v4() ? reinterpret_cast<const char*>(bound.bytes()) : kNowhere.data(), 4);
  return message;
}

}  // namespace airlane
