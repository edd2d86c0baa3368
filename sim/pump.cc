#include "sim/pump.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace airlane::sim {
namespace {

constexpr std::size_t kBuffer = 128U << 10;
constexpr int kDatagramsPerTurn = 64;

}  // namespace

Pump::Pump(Loop& loop, int from, int to, Callback<void()> ended)
    : from_(from),
      to_(to),
      ended_(ended),
      readable_(loop, from, FdEvent::When::kReadable,
                Callback<void()>::to<&Pump::on_readable>(*this)),
      writable_(loop, to, FdEvent::When::kWritable,
                Callback<void()>::to<&Pump::on_writable>(*this)) {
  readable_.arm();
}

void Pump::on_readable() {
  static std::array<char, kBuffer> buffer;  // Of the one thread; empty between two calls.
  const auto got = recv(from_, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) return finish(End::kFailed);
  eof_ = got == 0;
  held_.assign(buffer.data(), static_cast<std::size_t>(got));
  readable_.disarm();
  flush();
}

void Pump::on_writable() {
  writable_.disarm();
  flush();
}

void Pump::flush() {
  while (!held_.empty()) {
    const auto sent = send(to_, held_.data(), held_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return writable_.arm();
    if (sent < 0) return finish(End::kFailed);
    held_.erase(0, static_cast<std::size_t>(sent));
  }
  if (!eof_) return readable_.arm();
  shutdown(to_, SHUT_WR);
  finish(End::kClosed);
}

void Pump::finish(End end) {
  if (end_ != End::kNone) return;
  end_ = end;
  stop();
  ended_();
}

void Pump::stop() {
  readable_.disarm();
  writable_.disarm();
}

Pair::Pair(Loop& loop, UniqueFd a, UniqueFd b, Ended ended)
    : a_(std::move(a)),
      b_(std::move(b)),
      ended_(ended),
      forth_(loop, a_.get(), b_.get(), Callback<void()>::to<&Pair::on_pump_end>(*this)),
      back_(loop, b_.get(), a_.get(), Callback<void()>::to<&Pair::on_pump_end>(*this)) {}

void Pair::on_pump_end() {
  const bool failed = forth_.end() == Pump::End::kFailed || back_.end() == Pump::End::kFailed;
  const bool open = forth_.end() == Pump::End::kNone || back_.end() == Pump::End::kNone;
  if (open && !failed) return;
  forth_.stop();
  back_.stop();
  ended_(*this);
}

Echo::Connection::Connection(Loop& loop, UniqueFd fd, Crowd<Connection>& crowd)
    : fd_(std::move(fd)),
      crowd_(crowd),
      pump_(loop, fd_.get(), fd_.get(), Callback<void()>::to<&Connection::on_end>(*this)) {}

void Echo::Connection::on_end() { crowd_.retire(*this); }

Echo::Echo(Loop& loop, UniqueFd tcp, UniqueFd udp)
    : loop_(loop),
      connections_(loop),
      acceptor_(loop, std::move(tcp), Acceptor::Accepted::to<&Echo::on_accept>(*this)),
      udp_(std::move(udp)),
      datagram_(loop, udp_.get(), FdEvent::When::kReadable,
                Callback<void()>::to<&Echo::on_datagram>(*this)) {
  datagram_.arm();
}

void Echo::on_accept(int fd, const Address&) {
  connections_.add(std::make_unique<Connection>(loop_, UniqueFd(fd), connections_));
}

void Echo::on_datagram() {
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    const auto datagram = receive_datagram(udp_.get());
    if (!datagram) return;
    send_datagram(udp_.get(), datagram->from, datagram->bytes);
  }
}

}  // namespace airlane::sim
