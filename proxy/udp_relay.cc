#include "proxy/udp_relay.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/log.h"
#include "proxy/destination.h"
#include "proxy/protocol/socks_udp.h"

namespace airlane {
namespace {

// Batches per event: then others have their turn, and epoll says so again.
constexpr int kRounds = 4;
// What a message may have on average where there is a rate. A batch of the largest is four times
// what was allowed.
constexpr std::size_t kThrottledMessage = 16 << 10;
// What is asked of the throttle: a whole batch, so that a rate that does not bite costs no calls.
constexpr std::size_t kAllowance = DatagramReader::kMost * kThrottledMessage;

Result<UniqueFd> open_socket(int family) {
  UniqueFd fd(socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error{Errc::kOverLimit, "open UDP socket", errno};
  const int on = 1;
  setsockopt(fd.get(), SOL_UDP, UDP_GRO, &on, sizeof on);  // A kernel without: one by one.
  return fd;
}

bool has_names(const Limits& limits) {
  const auto& rules = limits.destinations;
  return std::any_of(rules.begin(), rules.end(),
                     [](const DestinationRule& rule) { return !rule.suffix.empty(); });
}

}  // namespace

UdpRelay::~UdpRelay() {
  for (auto* leg : {&client_, &target4_, &target6_}) count_unread(*leg);
  std::string text;
  for (std::size_t i = 0; i < kUdpDrops; ++i) {
    if (drops_[i] > 0)
      text.append(" ").append(kUdpDropLabels[i]) += "=" + std::to_string(drops_[i]);
  }
  if (text.empty()) return;
  log::debug("UDP of proxy " + std::to_string(flow_.proxy->id) + " dropped" + text);
}

void UdpRelay::drop_many(UdpDrop why, std::uint64_t count) {
  const auto reason = static_cast<std::size_t>(why);
  drops_[reason] += count;
  Tally::add(flow_.bench.tally.datagrams_dropped[reason], count);
}

void UdpRelay::count_unread(std::optional<Leg>& leg) {
  if (!leg || !leg->fd) return;
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (getsockopt(leg->fd.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return;
  const auto dropped = info[SK_MEMINFO_DROPS];
  if (dropped != leg->unread) drop_many(UdpDrop::kUnread, dropped - leg->unread);
  leg->unread = dropped;
}

Result<Address> UdpRelay::open(const Address& local) {
  if (!flow_.bench.udp_bench) flow_.bench.udp_bench = std::make_unique<UdpBench>();
  flow_.upstream_egress = flow_.egress;
  if (const auto opened = open_target(target4_, AF_INET); !opened) return opened.error();
  client_.emplace(flow_.bench.reactor, Callback<void(Readiness)>::to<&UdpRelay::on_client>(*this));
  auto fd = open_socket(local.family());
  if (!fd) return fd.error();
  client_->fd = *std::move(fd);
  auto any_port = local;
  any_port.set_port(0);
  sockaddr_storage storage;
  auto size = any_port.to_sockaddr(storage);
  auto* const name = reinterpret_cast<sockaddr*>(&storage);
  if (bind(client_->fd.get(), name, size) != 0 ||
      getsockname(client_->fd.get(), name, &size) != 0) {
    return Error{Errc::kSystem, "bind UDP socket", errno};
  }
  const auto watched = client_->watch.add(client_->fd.get(), Watch::For::kReading);
  if (!watched) return watched.error();
  return Address::from_sockaddr(name);
}

Status UdpRelay::open_target(std::optional<Leg>& leg, int family) {
  using Ready = Callback<void(Readiness)>;
  leg.emplace(flow_.bench.reactor, family == AF_INET ? Ready::to<&UdpRelay::on_target4>(*this)
                                                     : Ready::to<&UdpRelay::on_target6>(*this));
  auto opened = open_socket(family);
  if (!opened) return opened.error();
  const int fd = opened->get();
  const auto& name = flow_.upstream_egress->interface;
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                 static_cast<socklen_t>(name.size())) != 0) {
    return Error{errno == ENODEV ? Errc::kNoEgress : Errc::kSystem, "bind to dongle", errno};
  }
  if (const auto marked = put_mark(fd, flow_.proxy->looks); !marked) return marked.error();
  const int only = 1;
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  leg->fd = *std::move(opened);
  return leg->watch.add(fd, Watch::For::kReading);
}

void UdpRelay::on_client(Readiness) {
  auto& reader = bench().reader;
  for (int round = 0; round < kRounds; ++round) {
    const auto most = may_read(Way::kUp, *client_);
    if (most == 0) return;
    const auto count = reader.receive(client_->fd.get(), most);
    for (unsigned i = 0; i < count; ++i) take(reader.message(i));
    settle();
    if (count < most) return flow_.rest(Way::kUp);
  }
}

void UdpRelay::take(const DatagramReader::Message& message) {
  const auto bytes = message.bytes;
  if (!is_client(message.source, bytes.first(std::min(message.segment, bytes.size())))) {
    return drop_many(UdpDrop::kStranger, message.datagrams());
  }
  if (bytes.empty()) return drop(UdpDrop::kMalformed);
  for (std::size_t at = 0; at < bytes.size(); at += message.segment) {
    forward(bytes.subspan(at, std::min(message.segment, bytes.size() - at)));
  }
}

bool UdpRelay::is_client(const Address& source, std::span<const char> first) {
  if (pinned_.port() != 0) return source == pinned_;
  if (!source.same_ip(flow_.source)) return false;
  if (!read_socks_datagram(first)) return true;  // Counted for what it is.
  sockaddr_storage storage;
  const auto size = source.to_sockaddr(storage);
  if (connect(client_->fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) return false;
  pinned_ = source;
  return true;
}

void UdpRelay::forward(std::span<const char> bytes) {
  const auto datagram = read_socks_datagram(bytes);
  if (!datagram) {
    const bool fragment = datagram.error().code == Errc::kUnsupported;
    drop(fragment ? UdpDrop::kFragment : UdpDrop::kMalformed);
  } else if (datagram->name.empty()) {
    send_to(datagram->address, {}, datagram->payload);
  } else {
    send_to_name(*datagram);
  }
}

void UdpRelay::send_to(const Address& target, std::string_view name,
                       std::span<const char> payload) {
  if (const auto reason = why_not(target, name)) return drop(*reason);
  auto& leg = target.is_v4() ? target4_ : target6_;
  if (!target.is_v4()) {
    if (!flow_.upstream_egress->has_v6) return drop(UdpDrop::kNoIpv6);
    const bool ready = leg || open_target(leg, AF_INET6);
    if (!ready || !leg->fd) return drop(UdpDrop::kUnsent);
  }
  if (auto* const all = name.empty() ? nullptr : flow_.counters.datagrams()) {
    all->named(name, target);
  }
  aim(*leg);
  bench().writer.add(&target, {}, payload);
}

void UdpRelay::send_to_name(const SocksDatagram& datagram) {
  if (!names_) {
    const UdpNames::Owner owner{
        Callback<void(const Address&, UdpNames::Name,
                      std::span<const char>)>::to<&UdpRelay::send_to>(*this),
        Callback<void()>::to<&UdpRelay::settle>(*this),
        Callback<std::optional<UdpDrop>(const Address&, UdpNames::Name)>::to<&UdpRelay::why_not>(
            *this),
        Callback<bool(UdpNames::Name, std::uint16_t)>::to<&UdpRelay::may_ask>(*this),
        Callback<void(UdpDrop)>::to<&UdpRelay::drop>(*this)};
    names_ = std::make_unique<UdpNames>(flow_.bench.reactor, flow_.bench.resolvers,
                                        *flow_.upstream_egress, flow_.proxy->looks, owner);
  }
  const auto dropped = names_->send(datagram.name, datagram.address.port(), datagram.payload);
  if (dropped) drop(*dropped);
}

void UdpRelay::receive_from(Leg& leg) {
  auto& reader = bench().reader;
  for (int round = 0; round < kRounds; ++round) {
    const auto most = may_read(Way::kDown, leg);
    if (most == 0) return;
    const auto count = reader.receive(leg.fd.get(), most);
    for (unsigned i = 0; i < count; ++i) hand_back(reader.message(i));
    settle();
    if (count < most) return flow_.rest(Way::kDown);
  }
}

void UdpRelay::hand_back(const DatagramReader::Message& message) {
  if (const auto reason = why_not_from(message.source)) {
    return drop_many(*reason, message.datagrams());
  }
  const auto bytes = message.bytes;
  flow_.counters->add_incoming_from(message.source, bytes.size());
  flow_.moved(Way::kDown, bytes.size());
  std::array<char, kSocksDatagramHeaderMost> buffer;
  const auto size = write_socks_datagram_header(message.source, buffer);
  const std::span<const char> header(buffer.data(), size);
  aim(*client_);
  std::size_t at = 0;
  do {  // An empty datagram is one as well.
    const auto payload = bytes.subspan(at, std::min(message.segment, bytes.size() - at));
    bench().writer.add(nullptr, header, payload);
    at += message.segment;
  } while (at < bytes.size());
}

// What is not read for too long, the kernel drops. A used up quota ends the session by itself.
unsigned UdpRelay::may_read(Way way, Leg& leg) {
  if (!flow_.throttle) return DatagramReader::kMost;
  const auto allowed = flow_.allowance(way, kAllowance);
  if (allowed && *allowed > 0) {
    const auto most = std::min<std::size_t>(*allowed / kThrottledMessage, DatagramReader::kMost);
    return std::max(static_cast<unsigned>(most), 1U);
  }
  leg.watch.remove();  // It would go on telling of what waits there.
  return 0;
}

void UdpRelay::resume() {
  for (auto* leg : {&client_, &target4_, &target6_}) {
    const bool paused = *leg && (*leg)->fd && !(*leg)->watch.active();
    if (!paused) continue;
    count_unread(*leg);
    // Without memory for it: tried again when the session is called the next time.
    static_cast<void>((*leg)->watch.add((*leg)->fd.get(), Watch::For::kReading));
  }
}

void UdpRelay::aim(Leg& leg) {
  if (aimed_ == &leg) return;
  settle();
  aimed_ = &leg;
  const bool tells = &leg != &*client_ && flow_.counters.datagrams() != nullptr;
  bench().writer.begin(leg.fd.get(), leg.limits, tells ? &on_sent_ : nullptr);
}

// The writer belongs to all relays of the worker: nothing is left in it when we return to the loop.
void UdpRelay::settle() {
  if (aimed_ == nullptr) return;
  auto& writer = bench().writer;
  writer.flush();
  if (aimed_ != &*client_) {
    flow_.counters->add_outgoing(writer.bytes_sent());
    flow_.moved(Way::kUp, writer.bytes_sent());
  }
  if (writer.dropped() > 0) drop_many(UdpDrop::kUnsent, writer.dropped());
  if (writer.crowded_out() > 0) drop_many(UdpDrop::kQueueFull, writer.crowded_out());
  flow_.last_moved = flow_.bench.reactor.now();
  aimed_ = nullptr;
}

void UdpRelay::sent(const Address& to, std::uint64_t payload) {
  if (auto* const all = flow_.counters.datagrams()) all->sent(to, payload);
}

void UdpRelay::follow_rules() {
  const auto* const use = flow_.credential.get();
  const bool same_credential = use == nullptr || credential_ == use->account;
  if (rules_ == flow_.destinations && proxy_ == flow_.proxy && same_credential) return;
  rules_ = flow_.destinations;
  proxy_ = flow_.proxy;
  if (use != nullptr) credential_ = use->account;
  reachable_ = {};
  rules_have_names_ = has_names(proxy_->limits) || (credential_ && has_names(credential_->limits));
}

// What is remembered of an address holds whatever its name is, or for none.
std::optional<UdpDrop> UdpRelay::why_not(const Address& address, std::string_view name) {
  follow_rules();
  if (!rules_have_names_) name = {};
  const bool known =
      name.empty() && std::find(reachable_.begin(), reachable_.end(), address) != reachable_.end();
  if (known) return std::nullopt;
  if (address.port() == 0) return UdpDrop::kProhibited;
  if (const auto why = flow_.why_not(address, name)) {
    return why->code == Errc::kRuledOut ? UdpDrop::kRuledOut : UdpDrop::kProhibited;
  }
  if (!name.empty()) return std::nullopt;
  reachable_[next_reachable_] = address;
  next_reachable_ = static_cast<std::uint8_t>((next_reachable_ + 1) % reachable_.size());
  return std::nullopt;
}

bool UdpRelay::may_ask(std::string_view name, std::uint16_t port) {
  follow_rules();
  return !rules_have_names_ || !flow_.why_not_ask(name, port);
}

// Whom the client may reach by a name only, answers by an address.
std::optional<UdpDrop> UdpRelay::why_not_from(const Address& source) {
  const auto reason = why_not(source, {});
  const bool by_name = reason == UdpDrop::kRuledOut && rules_have_names_ && names_;
  return by_name && names_->lead_to(source) ? std::nullopt : reason;
}

}  // namespace airlane
