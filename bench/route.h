// The way to a target: straight, or through a proxy of some kind. Pure values, no descriptor.
//
//   direct://192.0.2.1:80                 a server, or a relay that leads to one fixed target
//   socks5://[user:password@]host:port    RFC 1928 and 1929
//   http://[user:password@]host:port      an HTTP proxy: CONNECT, or absolute-form for the http
//   work
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"

namespace airlane::bench {

struct Route {
  enum class Kind : std::uint8_t { kDirect, kSocks5, kHttp };
  Kind kind = Kind::kDirect;
  Address first_hop;  // Where to connect to.
  Address target;
  std::string user, password;

  static Route parse_or_die(const std::string& url, const std::string& target);

  // "Proxy-Authorization: Basic ...\r\n", or nothing when there is no user.
  [[nodiscard]] std::string http_authorization() const;
};

// The client's side of a handshake, one answer at a time, as libraries do it: nothing is sent
// early.
class Handshake {
 public:
  enum class Command : std::uint8_t { kConnect = 1, kUdpAssociate = 3 };
  enum class Step : std::uint8_t { kSend, kWait, kDone, kFailed };

  Handshake(const Route& route, Command command);

  // What to send first; empty when there is nothing to say.
  [[nodiscard]] const std::string& to_send() const { return to_send_; }
  // kSend: to_send() is new. Consumes what it was given.
  Step feed(std::string_view bytes);

  [[nodiscard]] const Address& bound() const { return bound_; }  // Of a UDP association.

 private:
  enum class Stage : std::uint8_t { kNothing, kMethod, kLogin, kReply, kHttp };

  Step feed_method();
  Step feed_login();
  Step feed_reply();
  Step feed_http();
  void say_request();

  const Route& route_;
  Command command_;
  Stage stage_ = Stage::kNothing;
  std::string to_send_, input_;
  Address bound_;
};

// The head of a SOCKS5 UDP datagram to or from an address (RFC 1928, section 7).
std::string udp_head(const Address& address);

}  // namespace airlane::bench
