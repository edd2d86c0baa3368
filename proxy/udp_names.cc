#include "proxy/udp_names.h"

#include <algorithm>
#include <utility>

#include "proxy/destination.h"
#include "proxy/protocol/target.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kKnownFor{10};
constexpr std::chrono::seconds kUnknownFor{2};

}  // namespace

std::optional<UdpDrop> UdpNames::send(Name name, std::uint16_t port,
                                      std::span<const char> payload) {
  if (!owner_.may_ask(name, port)) return UdpDrop::kRuledOut;
  if (find(name) == nullptr) {
    if (const auto dropped = ask(name, port)) return dropped;
  }
  auto& entry = entries_.front();
  if (entry.until == Monotonic::time_point::max()) {
    return keep(entry, port, payload) ? std::nullopt : std::optional(UdpDrop::kWaiting);
  }
  if (!entry.address) return entry.why_not;
  auto address = *entry.address;
  address.set_port(port);
  owner_.send(address, entry.name, payload);
  return std::nullopt;
}

bool UdpNames::lead_to(const Address& address) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.address && entry.address->same_ip(address) && !owner_.why_not(address, entry.name);
  });
}

UdpNames::Entry* UdpNames::find(Name name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  if (found == entries_.end()) return nullptr;
  if (found->until <= reactor_.now()) {
    entries_.erase(found);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found);
  return &entries_.front();
}

// When it is let through, its entry is the first one.
std::optional<UdpDrop> UdpNames::ask(Name name, std::uint16_t port) {
  const auto target = make_target(name, port);
  if (!target || target->literal) return UdpDrop::kMalformed;
  if (is_loopback_name(target->host)) return UdpDrop::kProhibited;
  const auto resolver = resolvers_.through(egress_, looks_);
  if (!resolver) return UdpDrop::kUnresolved;
  if (entries_.size() == kNames) {
    // Of those that are still asked, none makes way: a client cannot ask more than kNames at once.
    const auto last = std::find_if(entries_.rbegin(), entries_.rend(), [](const Entry& entry) {
      return entry.until != Monotonic::time_point::max();
    });
    if (last == entries_.rend()) return UdpDrop::kWaiting;
    entries_.erase(std::next(last).base());
  }
  auto& entry = entries_.emplace_front();
  entry.name = name;
  entry.port = port;
  const auto on_answer = Callback<void()>::to<&UdpNames::on_answer>(*this);
  (*resolver)->ask(entry.ask_v4.emplace(on_answer), target->host, AF_INET);
  if (egress_.has_v6) (*resolver)->ask(entry.ask_v6.emplace(on_answer), target->host, AF_INET6);
  look(entry);
  return std::nullopt;
}

bool UdpNames::keep(Entry& entry, std::uint16_t port, std::span<const char> payload) {
  if (waiting_ == kWaiting || waiting_bytes_ + payload.size() > kWaitingBytes) return false;
  entry.waiting.push_back({port, std::string(payload.data(), payload.size())});
  ++waiting_;
  waiting_bytes_ += payload.size();
  return true;
}

// A query does not say which it is. Nothing is erased here, so the one that calls lives on.
void UdpNames::on_answer() {
  for (auto& entry : entries_) {
    if (entry.until == Monotonic::time_point::max()) look(entry);
  }
}

// IPv4 is taken first: what a dongle has of IPv6 is often slower, and datagrams cannot race.
void UdpNames::look(Entry& entry) {
  take(entry, entry.ask_v4);
  take(entry, entry.ask_v6);
  const bool asks = !entry.ask_v4->answer() || (entry.ask_v6 && !entry.ask_v6->answer());
  if (!entry.address && asks) return;
  entry.until = reactor_.now() + (entry.address ? kKnownFor : kUnknownFor);
  send_waiting(entry);
}

void UdpNames::take(Entry& entry, const std::optional<Resolver::Query>& query) {
  const auto* answer = query ? query->answer() : nullptr;
  if (entry.address || !answer || !*answer) return;
  const auto& addresses = **answer;
  for (auto address : addresses) {
    address.set_port(entry.port);
    const auto why_not = owner_.why_not(address, entry.name);
    if (!why_not) {
      entry.address = address;
      return;
    }
    entry.why_not = *why_not;
  }
}

void UdpNames::send_waiting(Entry& entry) {
  if (entry.waiting.empty()) return;
  const auto waiting = std::exchange(entry.waiting, {});
  for (const auto& datagram : waiting) {
    --waiting_;
    waiting_bytes_ -= datagram.payload.size();
    if (!entry.address) {
      owner_.drop(entry.why_not);
      continue;
    }
    auto address = *entry.address;
    address.set_port(datagram.port);
    owner_.send(address, entry.name, datagram.payload);
  }
  owner_.settle();
}

}  // namespace airlane
