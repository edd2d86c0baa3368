#include "bench/route.h"

#include "bench/net.h"

namespace airlane::bench {
namespace {

std::string base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > text.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

// Address type, address and port, as in every SOCKS5 message.
std::string socks_address(const Address& address) {
  std::string out(1, address.is_v4() ? '\1' : '\4');
  out.append(reinterpret_cast<const char*>(address.bytes()), address.size());
  out += static_cast<char>(address.port() >> 8);
  out += static_cast<char>(address.port() & 0xff);
  return out;
}

std::string counted(const std::string& text) { return static_cast<char>(text.size()) + text; }

}  // namespace

std::string udp_head(const Address& address) {
  return std::string(3, '\0') + socks_address(address);
}

Route Route::parse_or_die(const std::string& url, const std::string& target) {
  Route route;
  const auto scheme_end = url.find("://");
  if (scheme_end == url.npos) die("a proxy is SCHEME://[USER:PASSWORD@]HOST:PORT, not " + url);
  const auto scheme = url.substr(0, scheme_end);
  auto rest = url.substr(scheme_end + 3);
  if (scheme == "socks5") route.kind = Kind::kSocks5;
  if (scheme == "http") route.kind = Kind::kHttp;
  if (route.kind == Kind::kDirect && scheme != "direct") die("unknown scheme " + scheme);
  if (const auto at = rest.rfind('@'); at != rest.npos) {
    const auto colon = rest.find(':');
    if (colon > at) die("no password in " + url);
    route.user = rest.substr(0, colon);
    route.password = rest.substr(colon + 1, at - colon - 1);
    rest = rest.substr(at + 1);
  }
  route.first_hop = address_or_die(rest);
  route.target = target.empty() ? route.first_hop : address_or_die(target);
  return route;
}

std::string Route::http_authorization() const {
  if (user.empty()) return {};
  return "Proxy-Authorization: Basic " + base64(user + ":" + password) + "\r\n";
}

Handshake::Handshake(const Route& route, Command command) : route_(route), command_(command) {
  switch (route.kind) {
    case Route::Kind::kDirect:
      return;
    case Route::Kind::kSocks5:
      stage_ = Stage::kMethod;
      to_send_ = route.user.empty() ? std::string("\5\1\0", 3) : std::string("\5\1\2", 3);
      return;
    case Route::Kind::kHttp:
      stage_ = Stage::kHttp;
      const auto host = route.target.to_string();
      to_send_ = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n" +
                 route.http_authorization() + "\r\n";
      return;
  }
}

Handshake::Step Handshake::feed(std::string_view bytes) {
  input_ += bytes;
  switch (stage_) {
    case Stage::kNothing:
      return Step::kDone;
    case Stage::kMethod:
      return feed_method();
    case Stage::kLogin:
      return feed_login();
    case Stage::kReply:
      return feed_reply();
    case Stage::kHttp:
      return feed_http();
  }
  return Step::kFailed;
}

void Handshake::say_request() {
  stage_ = Stage::kReply;
  to_send_ = std::string{'\5', static_cast<char>(command_), '\0'};
  // A client that does not know yet where it will send from says 0.0.0.0:0.
  to_send_ += socks_address(command_ == Command::kConnect ? route_.target : Address());
}

Handshake::Step Handshake::feed_method() {
  if (input_.size() < 2) return Step::kWait;
  const char wanted = route_.user.empty() ? '\0' : '\2';
  if (input_[0] != '\5' || input_[1] != wanted) return Step::kFailed;
  input_.erase(0, 2);
  if (route_.user.empty()) {
    say_request();
  } else {
    stage_ = Stage::kLogin;
    to_send_ = "\1" + counted(route_.user) + counted(route_.password);
  }
  return Step::kSend;
}

Handshake::Step Handshake::feed_login() {
  if (input_.size() < 2) return Step::kWait;
  if (input_[1] != '\0') return Step::kFailed;
  input_.erase(0, 2);
  say_request();
  return Step::kSend;
}

Handshake::Step Handshake::feed_reply() {
  if (input_.size() < 4) return Step::kWait;
  if (input_[0] != '\5' || input_[1] != '\0') return Step::kFailed;
  const bool v4 = input_[3] == '\1';
  if (!v4 && input_[3] != '\4') return Step::kFailed;
  const std::size_t size = v4 ? 10 : 22;
  if (input_.size() < size) return Step::kWait;
  const auto* end = reinterpret_cast<const unsigned char*>(input_.data()) + size;
  const auto port = static_cast<std::uint16_t>(end[-2] << 8 | end[-1]);
  bound_ = v4 ? Address::v4(input_.data() + 4, port) : Address::v6(input_.data() + 4, port);
  return Step::kDone;
}

Handshake::Step Handshake::feed_http() {
  if (input_.find("\r\n\r\n") == input_.npos) return Step::kWait;
  return input_.starts_with("HTTP/1.") && input_.substr(9, 1) == "2" ? Step::kDone : Step::kFailed;
}

}  // namespace airlane::bench
