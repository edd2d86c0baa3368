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

void leave_credential(Flow& flow) {
  flow.credential.reset();
  flow.counters.credential = nullptr;
}

Result<Seat> take_seat(const Flow& flow) {
  const auto& proxy = *flow.proxy;
  if (flow.source_is_over) return Error{Errc::kOverLimit, kProxyLimits.connections_per_source};
  return Seat::take(proxy.gate, proxy.limits, flow.bench.reactor.now());
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
  const auto admitted = admit_client();
  const bool none = open_ && socks5.offers(Method::kNone);
  const bool password = admitted && socks5.offers(Method::kPassword);
  // Who could do without a password and has one may come by another credential.
  if (none && !(password && has_credentials())) {
    socks5.choose(Method::kNone);
  } else if (password) {
    socks5.choose(Method::kPassword);
  } else {
    socks5.choose(Method::kNoAcceptable);
    return admitted ? Error{Errc::kUnauthenticated, "choose method"} : admitted.error();
  }
  return Done{};
}

Status Authenticate::check_socks5_credentials() {
  auto& socks5 = flow_.handshake->socks5;
  Status known = Done{};
  if (open_) {
    recognize(socks5.username(), socks5.password());
  } else {
    known = identify(socks5.username(), socks5.password());
  }
  socks5.accept_credentials(known.has_value());
  return known;
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
  if (const auto admitted = admit_client(); !admitted) return admitted;
  if (!open_) return Error{Errc::kUnauthenticated, "check source"};
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
  if (const auto admitted = admit_client(); !admitted) return admitted;
  if (!open_ || has_credentials()) {
    const auto given = parse_basic(request.proxy_authorization);
    if (open_) {
      if (given) recognize(given->user, given->password);
    } else {
      if (!given) return given.error();
      if (const auto known = identify(given->user, given->password); !known) return known;
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

Status Authenticate::admit_client() {
  auto door = admit(*flow_.proxy, flow_.source, wall_now());
  open_ = door && door->admission == Admission::kOpen;
  if (!door) return door.error();
  credential_ = std::move(door->credential);
  return Done{};
}

// A client that is blocked is told the same, after the same work, whether or not it is right.
Status Authenticate::identify(std::string_view username, std::string_view password) {
  auto& guard = flow_.bench.guard;
  const auto now = flow_.bench.reactor.now();
  const auto key = source_key(flow_.proxy->id, flow_.source);
  auto account = account_of(*flow_.proxy, flow_.source, wall_now(), username, password);
  const bool wrong = !account && account.error().code == Errc::kUnauthenticated;
  if (guard.blocks(key, now)) return Error{Errc::kUnauthenticated, "check credentials"};
  if (wrong && guard.failed(key, now)) {
    guard.reports().put({flow_.proxy->id, flow_.proxy->port, flow_.source});
  }
  if (!account) return account.error();
  credential_ = *std::move(account);
  return Done{};
}

// Guessing gains nothing: it is let in anyway, and told nothing.
void Authenticate::recognize(std::string_view username, std::string_view password) {
  if (!has_credentials()) return;
  auto account = account_of(*flow_.proxy, flow_.source, wall_now(), username, password);
  if (account) credential_ = *std::move(account);
}

// After the password, so that strangers cannot take a customer's places.
Status Authenticate::take_place() {
  const auto& proxy = *flow_.proxy;
  if (!has_quota_left(proxy.limits, flow_.row)) {
    return Error{Errc::kOverQuota, kProxyLimits.quota};
  }
  if (const auto placed = take_place_of_credential(); !placed) return placed;
  if (flow_.bridge && flow_.bridge->origin->seat) {
    flow_.seat = std::move(*std::static_pointer_cast<Seat>(flow_.bridge->origin->seat));
    flow_.bridge->origin->seat.reset();
  }
  if (flow_.seat) return Done{};
  auto taken = take_seat(flow_);
  if (!taken) {
    leave_credential(flow_);  // A full proxy must not use up the places of its credentials.
    return taken.error();
  }
  flow_.seat = *std::move(taken);
  return Done{};
}

// A kept connection may bring another one with each request.
Status Authenticate::take_place_of_credential() {
  if (!credential_ && !flow_.credential) return Done{};
  const bool same =
      credential_ && flow_.credential && flow_.credential->account->id == credential_->id;
  if (same) {
    flow_.credential->account = credential_;
    if (has_quota_left(credential_->limits, flow_.credential->row)) return Done{};
    return Error{Errc::kOverQuota, kCredentialLimits.quota};
  }
  leave_credential(flow_);
  flow_.close_upstream();  // What was allowed to another is not what is allowed now.
  if (!credential_) return Done{};
  auto begun = CredentialUse::begin(credential_, flow_);
  if (!begun) return begun.error();
  flow_.credential = *std::move(begun);
  flow_.counters.credential =
      &flow_.bench.counters.slot(credential_->counter_row, flow_.bench.worker);
  return Done{};
}

}  // namespace airlane
