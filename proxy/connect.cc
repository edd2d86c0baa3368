#include "proxy/connect.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <iterator>

#include "proxy/candidates.h"
#include "proxy/socket_options.h"

namespace airlane {
namespace {

constexpr std::chrono::milliseconds kAttemptDelay{250};  // RFC 8305, section 8.

Errc code_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return Errc::kRefused;
    case ETIMEDOUT:
      return Errc::kTimedOut;
    case ENODEV:
    case ENETDOWN:
    case EADDRNOTAVAIL:
      return Errc::kNoEgress;
    case ENETUNREACH:
    case EHOSTUNREACH:
      return Errc::kUnreachable;
    case ECONNRESET:
      return Errc::kBroken;
    default:
      return Errc::kSystem;
  }
}

}  // namespace

Result<Step> Connect::advance() {
  if (const auto error = take_candidates(flow_, tried_)) note(*error);
  for (;;) {
    if (is_connected()) {
      const auto handed_on = hand_on();
      return handed_on ? Result<Step>(Step::kNext) : handed_on.error();
    }
    if (tried_ == flow_.handshake->candidates.size()) {
      if (is_under_way() || awaits_v6(flow_) || awaits_v4(flow_)) return Step::kWait;
      flow_.close_upstream();
      return *error_;
    }
    if (!is_due()) return Step::kWait;
    begin_next();
  }
}

Status Connect::hand_on() {
  race_.reset();
  flow_.handshake->ask_v6.reset();
  flow_.handshake->ask_v4.reset();
  flow_.upstream_egress = flow_.egress;
  flow_.upstream_looks = looks_;
  if (looks_.mark == 0) return Done{};
  return set_receive_buffer(flow_.upstream.fd(), flow_.bench.socket_buffers);
}

bool Connect::is_connected() {
  if (is_connected(flow_.upstream)) return true;
  if (!race_) return false;
  for (auto end = race_->later.begin(); end != race_->later.end();) {
    if (is_connected(*end)) {
      const auto taken = flow_.upstream.take_over(*end);
      if (taken) return true;
      give_up(flow_.upstream, taken.error());
    }
    end = *end ? std::next(end) : race_->later.erase(end);
  }
  return false;
}

// The first event tells how it went, so connect(2) need not be asked again. Closes what failed.
bool Connect::is_connected(End& end) {
  const auto ready = end.ready();
  if (!end || !ready.writable()) return false;
  if (!ready.failed()) return true;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(end.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) return true;  // Connected, and ended since.
  give_up(end, Error{code_of(error), "connect", error});
  return false;
}

bool Connect::is_under_way() const { return flow_.upstream || (race_ && !race_->later.empty()); }

bool Connect::may_have_more() const {
  return flow_.handshake->candidates.size() > tried_ || awaits_v6(flow_) || awaits_v4(flow_);
}

bool Connect::is_due() const {
  return failed_ || !is_under_way() || (race_ && !race_->delay.running());
}

void Connect::begin_next() {
  failed_ = false;
  const auto& target = flow_.handshake->candidates[tried_++];
  if (!race_ && may_have_more()) race_ = std::make_unique<Race>(flow_);
  auto& end = flow_.upstream ? race_->later.emplace_back(flow_.bench.reactor, flow_.on_ready)
                             : flow_.upstream;
  if (const auto begun = begin(target, end); !begun) give_up(end, begun.error());
  if (race_ && may_have_more()) race_->delay.start(kAttemptDelay);
}

Status Connect::begin(const Address& target, End& end) {
  auto opened = open(target.family());
  if (!opened) return opened.error();
  sockaddr_storage storage;
  const auto size = target.to_sockaddr(storage);
  if (connect(opened->get(), reinterpret_cast<sockaddr*>(&storage), size) != 0 &&
      errno != EINPROGRESS) {
    // Refused by our own table before a packet left: the dongle's route has just gone.
    const bool no_route = errno == EHOSTUNREACH || errno == ENETUNREACH;
    return Error{no_route ? Errc::kNoEgress : code_of(errno), "connect", errno};
  }
  end.take(*std::move(opened));
  return end.watch();
}

void Connect::give_up(End& end, const Error& error) {
  failed_ = true;
  end.close();
  note(error);
}

void Connect::note(const Error& error) { error_ = error_ ? more_useful(*error_, error) : error; }

Result<UniqueFd> Connect::open(int family) const {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error{Errc::kOverLimit, "open socket", errno};
  const auto& name = flow_.egress->interface;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                 static_cast<socklen_t>(name.size())) != 0) {
    return Error{errno == ENODEV ? Errc::kNoEgress : Errc::kSystem, "bind to dongle", errno};
  }
  if (const auto set = send_at_once(fd.get()); !set) return set.error();
  const auto buffers = flow_.bench.socket_buffers;
  if (looks_.mark == 0) {
    if (const auto set = set_buffers(fd.get(), buffers); !set) return set.error();
    return fd;
  }
  if (const auto dressed = put_on(fd.get(), looks_); !dressed) return dressed.error();
  if (const auto set = set_send_buffer(fd.get(), buffers); !set) return set.error();
  return fd;
}

}  // namespace airlane
