#include "proxy/protocol/socks5.h"

#include <algorithm>
#include <cassert>

namespace airlane {
namespace {

constexpr char kVersion = 5;
constexpr char kAuthVersion = 1;
constexpr char kAccepted = 0;
constexpr char kNotAccepted = 1;
constexpr std::size_t kV4 = 1;  // Address types.
constexpr std::size_t kName = 3;
constexpr std::size_t kV6 = 4;
constexpr std::size_t kAddressAt = 4;  // In a request.
constexpr std::size_t kPortSize = 2;

}  // namespace

void Socks5::reset() noexcept {
  state_ = State::kGreeting;
  admitted_ = false;
  size_ = 0;
  reply_.clear();
  target_.literal.reset();
  failure_ = Error{Errc::kUnauthenticated, "go on after a refusal"};
}

// Bytes are taken one at a time on purpose: a handshake is short, and this way no message can
// swallow a byte of the next one, however the network cut the stream.
Result<Socks5::Step> Socks5::feed(std::span<const char>& input) {
  for (;;) {
    if (state_ == State::kMethodOwed) return Step::kChooseMethod;
    if (state_ == State::kVerdictOwed) return Step::kCheckCredentials;
    if (state_ == State::kComplete) return Step::kRequest;
    if (state_ == State::kRefused) return failure_;
    if (input.empty()) return Step::kNeedMore;
    message_[size_++] = input.front();
    input = input.subspan(1);
    if (const auto read = read_message(); !read) {
      failure_ = read.error();
      enter(State::kRefused);
    }
  }
}

bool Socks5::offers(Method method) const noexcept {
  const auto methods = text(2, size_at(1));
  return methods.find(static_cast<char>(method)) != std::string_view::npos;
}

void Socks5::choose(Method method) {
  assert(state_ == State::kMethodOwed);
  assert(method == Method::kNoAcceptable || offers(method));
  reply_ += {kVersion, static_cast<char>(method)};
  switch (method) {
    case Method::kNone:
      return enter(State::kRequest);
    case Method::kPassword:
      return enter(State::kCredentials);
    case Method::kNoAcceptable:
      return enter(State::kRefused);
  }
}

void Socks5::accept_credentials(bool accepted) {
  assert(state_ == State::kVerdictOwed);
  reply_ += {kAuthVersion, accepted ? kAccepted : kNotAccepted};
  message_.fill(0);  // The password is needed no longer.
  enter(accepted ? State::kRequest : State::kRefused);
}

std::string Socks5::reply(std::uint8_t code, const Address& bound) {
  std::string message{kVersion, static_cast<char>(code), 0,
                      static_cast<char>(bound.is_v4() ? kV4 : kV6)};
  message.append(reinterpret_cast<const char*>(bound.bytes()), bound.size());
  message += static_cast<char>(bound.port() >> 8);
  message += static_cast<char>(bound.port() & 0xff);
  return message;
}

void Socks5::enter(State next) noexcept {
  state_ = next;
  size_ = 0;
  admitted_ |= next == State::kRequest;
}

Status Socks5::read_message() {
  if (state_ == State::kGreeting) return read_greeting();
  if (state_ == State::kCredentials) return read_credentials();
  return read_request();
}

Status Socks5::read_greeting() {
  if (message_[0] != kVersion) return Error{Errc::kMalformed, "read greeting"};
  if (size_ >= 2 && size_ == 2 + size_at(1)) state_ = State::kMethodOwed;
  return Done{};
}

Status Socks5::read_credentials() {
  if (message_[0] != kAuthVersion) return Error{Errc::kMalformed, "read credentials"};
  if (size_ < 2) return Done{};
  const auto user_size = size_at(1);
  if (size_ < 3 + user_size) return Done{};
  if (size_ == 3 + user_size + size_at(2 + user_size)) state_ = State::kVerdictOwed;
  return Done{};
}

// A command that we do not speak is refused only when the whole request has been read: closing with
// unread bytes would reset the connection and take the reply with it.
Status Socks5::read_request() {
  if (message_[0] != kVersion) return Error{Errc::kMalformed, "read request"};
  if (size_ <= kAddressAt) return Done{};
  const auto type = size_at(kAddressAt - 1);
  if (type != kV4 && type != kV6 && type != kName) {
    return Error{Errc::kUnsupportedType, "read address type"};
  }
  const auto host_at = kAddressAt + (type == kName ? 1 : 0);
  const std::size_t host_size = type == kName ? size_at(kAddressAt) : type == kV4 ? 4 : 16;
  if (size_ < host_at + host_size + kPortSize) return Done{};
  const auto command = size_at(1);
  if (command < 1 || command > 3) return Error{Errc::kUnsupported, "read command"};
  command_ = static_cast<Command>(command);
  if (const auto read = read_target(host_at, host_size); !read) return read;
  state_ = State::kComplete;
  return Done{};
}

// What a client says about itself in UDP ASSOCIATE is a hint that may be wrong; everything else is
// an order that must make sense.
Status Socks5::read_target(std::size_t host_at, std::size_t host_size) {
  const auto port_at = host_at + host_size;
  const auto port = static_cast<std::uint16_t>(size_at(port_at) << 8 | size_at(port_at + 1));
  if (command_ == Command::kConnect && port == 0) return Error{Errc::kMalformed, "read port"};
  const auto host = text(host_at, host_size);
  Address literal;
  literal.set_port(port);
  if (host_at > kAddressAt) {
    auto target = make_target(host, port);
    if (target) {
      target_ = *std::move(target);
      return Done{};
    }
    if (command_ != Command::kUdpAssociate) return target.error();
  } else {
    literal = host_size == 4 ? Address::v4(host.data(), port) : Address::v6(host.data(), port);
  }
  target_ = Target{literal.ip(), literal, port};
  return Done{};
}

}  // namespace airlane
