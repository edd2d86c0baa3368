#include "proxy/authenticate.h"

#include <utility>

#include "proxy/admission.h"
#include "proxy/protocol/basic_credentials.h"
#include "proxy/protocol/http_answers.h"

namespace airlane {
namespace {

// `rest` may be the end of `early` itself.
void keep(std::span<const char> rest, std::string& early) {
  const auto* begin = early.data();
  if (rest.data() >= begin && rest.data() <= begin + early.size()) {
    early.erase(0, early.size() - rest.size());
  } else {
    early.assign(rest.data(), rest.size());
  }
}

}  // namespace

Result<Step> Authenticate::advance() {
  // What an earlier stage has read comes first; what is left when we are done stays there.
  auto& early = flow_.handshake->early;
  std::span<const char> input(early);
  for (;;) {
    const auto complete = feed(input);
    if (!complete) return complete.error();
    if (*complete) break;
    early.clear();
    const auto received = flow_.client.receive(flow_.bench.buffer, "read request");
    if (!received) return received.error();
    if (!*received) return Step::kWait;
    if (**received == 0) return Error{Errc::kBroken, "read request"};
    input = flow_.bench.buffer.first(**received);
  }
  keep(input, early);
  const auto placed = take_place();
  return placed ? Result<Step>(Step::kNext) : placed.error();
}

std::string Authenticate::refusal(const Error& error) {
  // A client that was too slow, or has gone, is not waiting for an answer.
  if (error.code == Errc::kTimedOut || error.code == Errc::kBroken) return {};
  auto& socks5 = flow_.handshake->socks5;
  if (flow_.protocol == Protocol::kSocks5 && !socks5.expects_reply()) return socks5.take_reply();
  return refusal_of(flow_, error);
}

Result<bool> Authenticate::feed(std::span<const char>& input) {
  if (flow_.protocol == Protocol::kSocks5) return feed_socks5(input);
  if (flow_.protocol == Protocol::kSocks4) return feed_socks4(input);
  return feed_http(input);
}

Result<bool> Authenticate::feed_socks5(std::span<const char>& input) {
  auto& socks5 = flow_.handshake->socks5;
  for (;;) {
    const auto step = socks5.feed(input);
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
    const auto sent = flow_.client.send_whole(socks5.take_reply(), "answer handshake");
    if (!sent) return sent.error();
  }
}

Status Authenticate::choose_socks5_method() {
  using Method = Socks5::Method;
  auto& socks5 = flow_.handshake->socks5;
  const auto admission = admit_source(*flow_.proxy, flow_.source, wall_now());
  open_ = admission && *admission == Admission::kOpen;
  if (admission && open_ && socks5.offers(Method::kNone)) {
    socks5.choose(Method::kNone);
  } else if (admission && socks5.offers(Method::kPassword)) {
    socks5.choose(Method::kPassword);
  } else {
    socks5.choose(Method::kNoAcceptable);
    return admission ? Error{Errc::kUnauthenticated, "choose method"} : admission.error();
  }
  return Done{};
}

Status Authenticate::check_socks5_credentials() {
  auto& socks5 = flow_.handshake->socks5;
  const bool good = open_ || believes(socks5.username(), socks5.password());
  socks5.accept_credentials(good);
  if (!good) return Error{Errc::kUnauthenticated, "check credentials"};
  return Done{};
}

Status Authenticate::take_socks5_request() {
  using Command = Socks5::Command;
  const auto& socks5 = flow_.handshake->socks5;
  switch (socks5.command()) {
    case Command::kConnect:
      flow_.errand = Errand::kConnect;
      break;
    case Command::kBind:
      flow_.errand = Errand::kBind;
      break;
    case Command::kUdpAssociate:
      flow_.errand = Errand::kAssociate;
      break;
  }
  flow_.handshake->target = socks5.target();
  flow_.tunnel = true;
  return Done{};
}

Result<bool> Authenticate::feed_socks4(std::span<const char>& input) {
  const auto complete = flow_.handshake->socks4.feed(input);
  if (!complete || !*complete) return complete;
  const auto taken = take_socks4_request();
  if (!taken) return taken.error();
  return true;
}

// There is no password in this protocol: who needs one cannot use it.
Status Authenticate::take_socks4_request() {
  const auto admission = admit_source(*flow_.proxy, flow_.source, wall_now());
  if (!admission) return admission.error();
  if (*admission != Admission::kOpen) return Error{Errc::kUnauthenticated, "check source"};
  const auto& socks4 = flow_.handshake->socks4;
  const bool connect = socks4.command() == Socks4::Command::kConnect;
  flow_.errand = connect ? Errand::kConnect : Errand::kBind;
  flow_.handshake->target = socks4.target();
  flow_.tunnel = true;
  return Done{};
}

Result<bool> Authenticate::feed_http(std::span<const char>& input) {
  const auto complete = flow_.handshake->head.feed(input);
  if (!complete || !*complete) return complete;
  const auto taken = take_http_request();
  if (!taken) return taken.error();
  return true;
}

Status Authenticate::take_http_request() {
  auto& request = flow_.handshake->request;
  const auto parsed = parse_request(flow_.handshake->head.text(), request);
  if (!parsed) return parsed;
  const auto admission = admit_source(*flow_.proxy, flow_.source, wall_now());
  if (!admission) return admission.error();
  if (*admission == Admission::kPassword) {
    const auto given = parse_basic(request.proxy_authorization);
    if (!given) return given.error();
    if (!believes(given->user, given->password)) {
      return Error{Errc::kUnauthenticated, "check credentials"};
    }
  }
  using Form = RequestHead::Form;
  if (request.form == Form::kOrigin) {
    return Error{Errc::kMalformed,
                 "serve pages (this is a proxy, and asked as if it were a server)"};
  }
  if (is_for_proxy(request)) flow_.handshake->answer = answer_for_proxy(request);
  flow_.handshake->target = request.target;
  flow_.tunnel = request.form == Form::kAuthority;
  return Done{};
}

// A client that is blocked is told the same, after the same work, whether or not it is right.
bool Authenticate::believes(std::string_view username, std::string_view password) const {
  auto& guard = flow_.bench.guard;
  const auto now = flow_.bench.reactor.now();
  const auto key = source_key(flow_.proxy->id, flow_.source);
  const bool right = credentials_match(*flow_.proxy, username, password);
  if (guard.blocks(key, now)) return false;
  if (!right && guard.failed(key, now)) {
    guard.reports().put({flow_.proxy->id, flow_.proxy->port, flow_.source});
  }
  return right;
}

// After the password, so that strangers cannot take a customer's places.
Status Authenticate::take_place() {
  const auto& proxy = *flow_.proxy;
  if (!has_quota_left(proxy.limits, flow_.row)) return Error{Errc::kOverQuota, "look at the quota"};
  if (flow_.bridge && flow_.bridge->origin->seat) {
    flow_.seat = std::move(*std::static_pointer_cast<Seat>(flow_.bridge->origin->seat));
    flow_.bridge->origin->seat.reset();
  }
  if (flow_.seat) return Done{};
  if (flow_.source_is_over) return Error{Errc::kOverLimit, "take a seat of the client's"};
  auto taken = Seat::take(proxy.gate, proxy.limits, flow_.bench.reactor.now());
  if (!taken) return taken.error();
  flow_.seat = *std::move(taken);
  return Done{};
}

}  // namespace airlane
