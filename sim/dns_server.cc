#include "sim/dns_server.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace airlane::sim {
namespace {

constexpr int kDatagramsPerTurn = 64;
constexpr std::size_t kMessageMax = 65535;

}  // namespace

DnsServer::DnsServer(Loop& loop, UniqueFd udp, UniqueFd tcp)
    : loop_(loop),
      delayed_(loop),
      connections_(loop),
      udp_(std::move(udp)),
      datagram_(loop, udp_.get(), FdEvent::When::kReadable,
                Callback<void()>::to<&DnsServer::on_datagram>(*this)),
      acceptor_(loop, std::move(tcp), Acceptor::Accepted::to<&DnsServer::on_accept>(*this)) {
  datagram_.arm();
}

void DnsServer::on_datagram() {
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    const auto datagram = receive_datagram(udp_.get());
    if (!datagram) return;
    const auto query = parse_query(datagram->bytes);
    if (!query) continue;
    const auto reply = zone_.look_up(*query);
    if (reply.silent) continue;
    auto bytes = build_answer(*query, reply.answer, query->udp_limit);
    if (reply.delay.count() == 0) {
      send_datagram(udp_.get(), datagram->from, bytes);
    } else {
      delayed_.add(std::make_unique<Delayed>(*this, datagram->from, std::move(bytes), reply.delay));
    }
  }
}

void DnsServer::on_accept(int fd, const Address&) {
  connections_.add(std::make_unique<Connection>(*this, UniqueFd(fd)));
}

DnsServer::Delayed::Delayed(DnsServer& server, const Address& to, std::string bytes,
                            std::chrono::milliseconds delay)
    : server_(server),
      to_(to),
      bytes_(std::move(bytes)),
      timer_(server.loop_, Callback<void()>::to<&Delayed::on_time>(*this)) {
  timer_.start(delay);
}

void DnsServer::Delayed::on_time() {
  send_datagram(server_.udp_.get(), to_, bytes_);
  server_.delayed_.retire(*this);
}

DnsServer::Connection::Connection(DnsServer& server, UniqueFd fd)
    : server_(server),
      fd_(std::move(fd)),
      readable_(server.loop_, fd_.get(), FdEvent::When::kReadable,
                Callback<void()>::to<&Connection::on_readable>(*this)),
      timer_(server.loop_, Callback<void()>::to<&Connection::on_time>(*this)) {
  readable_.arm();
}

void DnsServer::Connection::on_readable() {
  std::array<char, 4096> buffer;
  const auto got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return end();
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  if (received_.size() > kMessageMax + 2) return end();
  if (due_.empty()) answer_next();
}

void DnsServer::Connection::answer_next() {
  while (due_.empty() && received_.size() >= 2) {
    const auto high = static_cast<unsigned char>(received_[0]);
    const auto length =
        static_cast<std::size_t>(high << 8 | static_cast<unsigned char>(received_[1]));
    if (received_.size() < 2 + length) return;
    const auto query = parse_query(std::string_view(received_).substr(2, length));
    received_.erase(0, 2 + length);
    if (!query) return end();
    const auto reply = server_.zone_.look_up(*query);
    if (reply.silent) continue;
    const auto bytes = build_answer(*query, reply.answer, kMessageMax);
    due_ = {static_cast<char>(bytes.size() >> 8), static_cast<char>(bytes.size() & 0xff)};
    due_ += bytes;
    if (reply.delay.count() > 0) return timer_.start(reply.delay);
    send(fd_.get(), due_.data(), due_.size(), MSG_NOSIGNAL);
    due_.clear();
  }
}

void DnsServer::Connection::on_time() {
  send(fd_.get(), due_.data(), due_.size(), MSG_NOSIGNAL);
  due_.clear();
  answer_next();
}

void DnsServer::Connection::end() {
  readable_.disarm();
  timer_.cancel();
  server_.connections_.retire(*this);
}

}  // namespace airlane::sim
