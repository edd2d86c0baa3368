#include "base/error.h"

#include <exception>
#include <system_error>

namespace airlane {

// "General failure" is the answer for whatever the RFC has no word for. "TTL expired" is said of
// packets, not of patience: a host that does not answer is unreachable.
std::uint8_t socks5_reply(Errc code) noexcept {
  switch (code) {
    case Errc::kUnauthenticated:
    case Errc::kDenied:
    case Errc::kProhibited:
    case Errc::kRuledOut:
    case Errc::kOverQuota:
      return 0x02;
    case Errc::kNoEgress:
    case Errc::kUnreachable:
      return 0x03;
    case Errc::kUnresolved:
    case Errc::kNamesTimedOut:
    case Errc::kTimedOut:
    case Errc::kSilent:
      return 0x04;
    case Errc::kRefused:
      return 0x05;
    case Errc::kUnsupported:
      return 0x07;
    case Errc::kUnsupportedType:
      return 0x08;
    case Errc::kMalformed:
    case Errc::kTooLarge:
    case Errc::kTooLong:
    case Errc::kUnknownVersion:
    case Errc::kBadResponse:
    case Errc::kBroken:
    case Errc::kOverLimit:
    case Errc::kClosing:
    case Errc::kSystem:
      return 0x01;
  }
  std::terminate();
}

int http_status(Errc code) noexcept {
  switch (code) {
    case Errc::kMalformed:
    case Errc::kUnsupportedType:
      return 400;
    case Errc::kTooLarge:
      return 431;
    case Errc::kTooLong:
      return 414;
    case Errc::kUnsupported:
      return 501;
    case Errc::kUnknownVersion:
      return 505;
    case Errc::kUnauthenticated:
      return 407;
    case Errc::kDenied:
    case Errc::kProhibited:
    case Errc::kRuledOut:
    case Errc::kOverQuota:
      return 403;
    case Errc::kUnresolved:
    case Errc::kUnreachable:
    case Errc::kRefused:
    case Errc::kBadResponse:
    case Errc::kBroken:
      return 502;
    case Errc::kNoEgress:
    case Errc::kOverLimit:
    case Errc::kClosing:
      return 503;
    case Errc::kTimedOut:
    case Errc::kSilent:
    case Errc::kNamesTimedOut:
      return 504;
    case Errc::kSystem:
      return 500;
  }
  std::terminate();
}

std::string_view proxy_status(Errc code) noexcept {
  switch (code) {
    case Errc::kMalformed:
    case Errc::kTooLarge:
    case Errc::kTooLong:
    case Errc::kUnsupported:
    case Errc::kUnknownVersion:
    case Errc::kUnsupportedType:
      return "http_request_error";
    case Errc::kUnauthenticated:
    case Errc::kDenied:
    case Errc::kRuledOut:
    case Errc::kOverQuota:
      return "http_request_denied";
    case Errc::kProhibited:
      return "destination_ip_prohibited";
    case Errc::kNoEgress:
    case Errc::kClosing:
      return "destination_unavailable";
    case Errc::kUnresolved:
      return "dns_error";
    case Errc::kUnreachable:
      return "destination_ip_unroutable";
    case Errc::kRefused:
      return "connection_refused";
    case Errc::kTimedOut:
      return "connection_timeout";
    case Errc::kSilent:
      return "connection_read_timeout";
    case Errc::kNamesTimedOut:
      return "dns_timeout";
    case Errc::kBadResponse:
      return "http_protocol_error";
    case Errc::kBroken:
      return "connection_terminated";
    case Errc::kOverLimit:
      return "connection_limit_reached";
    case Errc::kSystem:
      return "proxy_internal_error";
  }
  std::terminate();
}

std::string_view metric_label(Errc code) noexcept {
  switch (code) {
    case Errc::kMalformed:
      return "malformed";
    case Errc::kTooLarge:
      return "too_large";
    case Errc::kTooLong:
      return "too_long";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kUnknownVersion:
      return "unknown_version";
    case Errc::kUnsupportedType:
      return "unsupported_type";
    case Errc::kUnauthenticated:
      return "unauthenticated";
    case Errc::kDenied:
      return "denied";
    case Errc::kProhibited:
      return "prohibited";
    case Errc::kRuledOut:
      return "ruled_out";
    case Errc::kNoEgress:
      return "no_egress";
    case Errc::kUnresolved:
      return "unresolved";
    case Errc::kUnreachable:
      return "unreachable";
    case Errc::kRefused:
      return "refused";
    case Errc::kTimedOut:
      return "timed_out";
    case Errc::kSilent:
      return "silent";
    case Errc::kNamesTimedOut:
      return "names_timed_out";
    case Errc::kBadResponse:
      return "bad_response";
    case Errc::kBroken:
      return "broken";
    case Errc::kOverLimit:
      return "over_limit";
    case Errc::kOverQuota:
      return "over_quota";
    case Errc::kClosing:
      return "closing";
    case Errc::kSystem:
      return "system";
  }
  std::terminate();
}

std::string_view explanation(Errc code) noexcept {
  switch (code) {
    case Errc::kMalformed:
      return "The request is not well-formed.";
    case Errc::kTooLarge:
      return "The request head is too large.";
    case Errc::kTooLong:
      return "The request line is too long.";
    case Errc::kUnsupported:
      return "This proxy does not support what the request asks for.";
    case Errc::kUnknownVersion:
      return "This proxy speaks HTTP/1.1 and HTTP/1.0 here.";
    case Errc::kUnsupportedType:
      return "The address type is not supported.";
    case Errc::kUnauthenticated:
      return "Proxy user name and password are required.";
    case Errc::kDenied:
      return "Your address or the rental period does not allow this.";
    case Errc::kProhibited:
      return "This destination is not reachable through this proxy.";
    case Errc::kRuledOut:
      return "A rule of this proxy denies this destination.";
    case Errc::kNoEgress:
      return "The mobile connection of this proxy is down or rotating.";
    case Errc::kUnresolved:
      return "The host name has no address.";
    case Errc::kUnreachable:
      return "The network of the destination is unreachable.";
    case Errc::kRefused:
      return "The destination refused the connection.";
    case Errc::kTimedOut:
      return "The destination did not accept the connection in time.";
    case Errc::kSilent:
      return "The destination did not answer in time.";
    case Errc::kNamesTimedOut:
      return "The name servers of this proxy's mobile connection did not answer in time.";
    case Errc::kBadResponse:
      return "The destination's answer is not well-formed HTTP.";
    case Errc::kBroken:
      return "The destination closed the connection too early.";
    case Errc::kOverLimit:
      return "A limit of this proxy was reached.";
    case Errc::kOverQuota:
      return "The traffic quota of this proxy is used up.";
    case Errc::kClosing:
      return "The connection was closed because the proxy is changing.";
    case Errc::kSystem:
      return "The proxy failed.";
  }
  std::terminate();
}

std::string describe(const Error& error) {
  std::string text = error.during;
  text += ": ";
  text += error.os_error != 0 ? std::system_category().message(error.os_error)
                              : std::string(metric_label(error.code));
  return text;
}

}  // namespace airlane
