#include "proxy/authenticate.h"

#include <utility>

#include "proxy/admission.h"
#include "proxy/protocol/basic_credentials.h"

namespace airlane {

Result<Step> Authenticate::advance() {
  // What an earlier stage has read comes first; what is left when we are done stays there.
  std::string early = std::exchange(flow_.early, {});
  std::span<const char> input(early);
  for (;;) {
    const auto complete = feed(input);
    if (!complete) return complete.error();
    if (*complete) break;
    const auto received = receive(flow_.client.get(), flow_.bench.buffer, "read request");
    if (!received) return received.error();
    if (!*received) return Step::kWait;
    if (**received == 0) return Error{Errc::kBroken, "read request"};
    input = flow_.bench.buffer.first(**received);
  }
  flow_.early.assign(input.data(), input.size());
  return Step::kNext;
}

std::string Authenticate::refusal(const Error& error) {
  // A client that was too slow, or has gone, is not waiting for an answer.
  if (error.code == Errc::kTimedOut || error.code == Errc::kBroken) return {};
  if (flow_.protocol == Protocol::kSocks5 && !socks5_.expects_reply()) return socks5_.take_reply();
  return refusal_of(flow_, error);
}

Result<bool> Authenticate::feed(std::span<const char>& input) {
  return flow_.protocol == Protocol::kSocks5 ? feed_socks5(input) : feed_http(input);
}

Result<bool> Authenticate::feed_socks5(std::span<const char>& input) {
  for (;;) {
    const auto step = socks5_.feed(input);
    if (!step) return step.error();
    Status status = Done{};
    switch (*step) {
      case Socks5::Step::kNeedMore:
        return false;
      case Socks5::Step::kChooseMethod:
        status = choose_socks5_method();
        break;
      case Socks5::Step::kCheckCredentials:
        status = check_socks5_credentials();
        break;
      case Socks5::Step::kRequest:
        status = take_socks5_request();
        if (status) return true;
        break;
    }
    if (!status) return status.error();
    const auto sent = send_whole(flow_.client.get(), socks5_.take_reply(), "answer handshake");
    if (!sent) return sent.error();
  }
}

Status Authenticate::choose_socks5_method() {
  using Method = Socks5::Method;
  const auto admission = admit_source(*flow_.proxy, flow_.source, wall_now());
  open_ = admission && *admission == Admission::kOpen;
  if (admission && open_ && socks5_.offers(Method::kNone)) {
    socks5_.choose(Method::kNone);
  } else if (admission && socks5_.offers(Method::kPassword)) {
    socks5_.choose(Method::kPassword);
  } else {
    socks5_.choose(Method::kNoAcceptable);
    return admission ? Error{Errc::kUnauthenticated, "choose method"} : admission.error();
  }
  return Done{};
}

Status Authenticate::check_socks5_credentials() {
  const bool good =
      open_ || credentials_match(*flow_.proxy, socks5_.username(), socks5_.password());
  socks5_.accept_credentials(good);
  if (!good) return Error{Errc::kUnauthenticated, "check credentials"};
  return Done{};
}

Status Authenticate::take_socks5_request() {
  if (socks5_.command() != Socks5::Command::kConnect) {
    return Error{Errc::kUnsupported, "read command"};
  }
  flow_.target = socks5_.target();
  flow_.tunnel = true;
  return Done{};
}

Result<bool> Authenticate::feed_http(std::span<const char>& input) {
  const auto complete = flow_.head.feed(input);
  if (!complete || !*complete) return complete;
  const auto taken = take_http_request();
  if (!taken) return taken.error();
  return true;
}

Status Authenticate::take_http_request() {
  auto request = parse_request(flow_.head.text());
  if (!request) return request.error();
  flow_.request = *std::move(request);
  const auto admission = admit_source(*flow_.proxy, flow_.source, wall_now());
  if (!admission) return admission.error();
  if (*admission == Admission::kPassword) {
    const auto given = parse_basic(flow_.request.proxy_authorization);
    if (!given) return given.error();
    if (!credentials_match(*flow_.proxy, given->user, given->password)) {
      return Error{Errc::kUnauthenticated, "check credentials"};
    }
  }
  using Form = RequestHead::Form;
  if (flow_.request.form == Form::kOrigin || flow_.request.form == Form::kAsterisk) {
    return Error{Errc::kMalformed, "read request target"};  // Meant for a server, not a proxy.
  }
  flow_.target = flow_.request.target;
  flow_.tunnel = flow_.request.form == Form::kAuthority;
  return Done{};
}

}  // namespace airlane
