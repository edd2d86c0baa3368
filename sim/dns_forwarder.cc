#include "sim/dns_forwarder.h"

#include <memory>
#include <utility>

#include "sim/dns_message.h"

namespace airlane::sim {
namespace {

constexpr int kDatagramsPerTurn = 64;

const Address& upstream_server() {
  static const Address address = *Address::parse("198.19.0.53", 53);
  return address;
}

std::uint16_t id_of(const std::string& message) {
  const auto high = static_cast<unsigned char>(message[0]);
  return static_cast<std::uint16_t>(high << 8 | static_cast<unsigned char>(message[1]));
}

void set_id(std::string& message, std::uint16_t id) {
  message[0] = static_cast<char>(id >> 8);
  message[1] = static_cast<char>(id & 0xff);
}

}  // namespace

DnsForwarder::DnsForwarder(Loop& loop, const Namespace& modem, UniqueFd udp, UniqueFd tcp,
                           UniqueFd upstream)
    : loop_(loop),
      modem_(modem),
      pairs_(loop),
      udp_(std::move(udp)),
      upstream_(std::move(upstream)),
      query_(loop, udp_.get(), FdEvent::When::kReadable,
             Callback<void()>::to<&DnsForwarder::on_query>(*this)),
      answer_(loop, upstream_.get(), FdEvent::When::kReadable,
              Callback<void()>::to<&DnsForwarder::on_answer>(*this)),
      acceptor_(loop, std::move(tcp), Acceptor::Accepted::to<&DnsForwarder::on_accept>(*this)) {
  query_.arm();
  answer_.arm();
}

void DnsForwarder::set_state(State state) {
  state_ = state;
  if (state == State::kOnline) return;
  pairs_.clear();
  asked_.clear();
}

void DnsForwarder::on_query() {
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    auto datagram = receive_datagram(udp_.get());
    if (!datagram) return;
    const auto query = parse_query(datagram->bytes);
    if (!query || state_ == State::kSilent) continue;
    if (state_ == State::kFailing) {
      const auto failure = build_answer(*query, {kServerFailure, {}, 0}, query->udp_limit);
      send_datagram(udp_.get(), datagram->from, failure);
      continue;
    }
    asked_.insert_or_assign(++next_id_, Asked{datagram->from, query->id});
    set_id(datagram->bytes, next_id_);
    send_datagram(upstream_.get(), upstream_server(), datagram->bytes);
  }
}

void DnsForwarder::on_answer() {
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    auto datagram = receive_datagram(upstream_.get());
    if (!datagram) return;
    if (datagram->bytes.size() < 2 || datagram->from != upstream_server()) continue;
    const auto asked = asked_.extract(id_of(datagram->bytes));
    if (asked.empty()) continue;
    set_id(datagram->bytes, asked.mapped().id);
    send_datagram(udp_.get(), asked.mapped().client, datagram->bytes);
  }
}

void DnsForwarder::on_accept(int fd, const Address&) {
  UniqueFd client(fd);
  if (state_ != State::kOnline) return;  // Closed at once: a TCP client knows what that means.
  const Inside inside(modem_);
  auto upstream = connect_tcp(upstream_server());
  if (!upstream) return;
  const auto ended = Pair::Ended::to<&DnsForwarder::on_pair_end>(*this);
  pairs_.add(std::make_unique<Pair>(loop_, std::move(client), std::move(upstream), ended));
}

}  // namespace airlane::sim
