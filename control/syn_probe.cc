#include "control/syn_probe.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "base/event/fd_event.h"
#include "control/then.h"
#include "netlink/fingerprint/read_syn.h"
#include "netlink/fingerprint/syn_tap.h"
#include "proxy/socket_options.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kPatience{5};

Failure unavailable(const std::string& text) { return {Failure::Kind::kUnavailable, text}; }

Failure cannot(const char* doing, int error) {
  return unavailable("Cannot open a connection by the dongle (" + std::string(doing) +
                     "): " + std::system_category().message(error) + ".");
}

// As Connect does it, and with a port before it connects.
Outcome<UniqueFd> open_socket(const Egress& egress, const Looks& looks, int family) {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return cannot("socket", errno);
  if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, egress.interface.data(),
                 static_cast<socklen_t>(egress.interface.size())) != 0) {
    return cannot("bind to device", errno);
  }
  if (const auto dressed = put_on(fd.get(), looks); !dressed) {
    return cannot(dressed.error().during, dressed.error().os_error);
  }
  sockaddr_storage any{};
  any.ss_family = static_cast<sa_family_t>(family);
  const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&any), size) != 0) return cannot("bind", errno);
  reset_on_close(fd.get());
  return fd;
}

}  // namespace

class SynProbe::Look {
 public:
  Look(SynProbe& owner, const Address& target, Then then)
      : owner_(owner),
        target_(target),
        then_(std::move(then)),
        patience_(owner.loop_, Callback<void()>::to<&Look::give_up>(*this)) {}

  Outcome<Done> begin(const Egress& egress, const Looks& looks) {
    auto opened = open_socket(egress, looks, target_.family());
    if (!opened) return opened.error();
    socket_ = *std::move(opened);
    const auto own = own_address(socket_.get());
    const auto index = static_cast<int>(if_nametoindex(egress.interface.c_str()));
    if (!own || index == 0) return cannot("find the interface", ENODEV);
    auto tap = SynTap::open(index, own->port());
    if (!tap) return tap.error();
    tap_.emplace(*std::move(tap));
    seen_.emplace(owner_.loop_, tap_->fd(), FdEvent::When::kReadable,
                  Callback<void()>::to<&Look::on_seen>(*this));
    seen_->arm();
    patience_.start(kPatience);
    sockaddr_storage storage{};
    const auto size = target_.to_sockaddr(storage);
    const auto* const address = reinterpret_cast<const sockaddr*>(&storage);
    if (::connect(socket_.get(), address, size) != 0 && errno != EINPROGRESS) {
      return cannot("connect", errno);
    }
    return Done{};
  }

  [[nodiscard]] bool is_over() const { return is_over_; }
  [[nodiscard]] const Then& then() const { return then_; }

 private:
  void on_seen() {
    while (const auto packet = tap_->read()) {
      if (auto signature = read_syn(*packet)) return end(*std::move(signature));
    }
  }

  void give_up() {
    end(unavailable(
        "No SYN has left by the dongle for five seconds: the program in the kernel has dropped it "
        "(the metric airlane_fingerprint_syns_total says why), or nobody on its link answers for "
        "the gateway."));
  }

  void end(Outcome<Signature> outcome) {
    seen_->disarm();
    patience_.cancel();
    socket_.reset();
    is_over_ = true;
    owner_.end_of_turn_.start({});
    then_(std::move(outcome));
  }

  SynProbe& owner_;
  const Address target_;
  Then then_;
  UniqueFd socket_;
  std::optional<SynTap> tap_;
  std::optional<FdEvent> seen_;  // Goes before what it watches.
  Timer patience_;
  bool is_over_ = false;
};

SynProbe::SynProbe(Loop& loop)
    : loop_(loop), end_of_turn_(loop, Callback<void()>::to<&SynProbe::sweep>(*this)) {}
SynProbe::~SynProbe() = default;

void SynProbe::look(const Egress& egress, const Looks& looks, const Address& target, Then then) {
  if (looks_.size() >= kMost) {
    return answer_later<Signature>(loop_, then, unavailable("Too many are looking; try again."));
  }
  auto look = std::make_unique<Look>(*this, target, std::move(then));
  if (const auto begun = look->begin(egress, looks); !begun) {
    return answer_later<Signature>(loop_, look->then(), begun.error());
  }
  looks_.push_back(std::move(look));
}

void SynProbe::sweep() {
  std::erase_if(looks_, [](const auto& look) { return look->is_over(); });
}

}  // namespace airlane
