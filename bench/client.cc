#include "bench/client.h"

#include "bench/net.h"

namespace airlane::bench {

void Client::open() {
  began_ = Monotonic::now();
  connected_ = open_ = reopen_ = false;
  handshake_.emplace(load_.route, command_);
  fd_ = begin_connect(load_.route.first_hop, receive_buffer_);
  if (!fd_) return fail("connect");
  load_.poller.add(fd_.get(), *this);
}

void Client::close() {
  fd_.reset();
  open_ = false;
}

void Client::fail(const char* during) {
  load_.count_failure(during);
  close();
  reopen_ = true;
  load_.poller.again(*this);
}

void Client::ready(std::uint32_t events) {
  if (reopen_) return open();
  if (!fd_) return;
  if (open_) return serve(events);
  shake(events);
}

void Client::say(const std::string& words) {
  const auto n = write_some(fd_.get(), words);
  if (n != static_cast<ssize_t>(words.size())) fail("send a handshake");
}

void Client::become_open() {
  open_ = true;
  opened();
}

void Client::shake(std::uint32_t events) {
  if (!connected_) {
    if (events & (EPOLLERR | EPOLLHUP)) return fail("connect");
    if (!(events & EPOLLOUT)) return;
    connected_ = true;
    if (handshake_->to_send().empty()) return become_open();
    return say(handshake_->to_send());
  }
  char bytes[512];
  while (fd_) {
    const auto n = read_some(fd_.get(), bytes, sizeof bytes);
    if (n == kWouldBlock) return;
    if (n <= 0) return fail("read a handshake");
    switch (handshake_->feed({bytes, static_cast<std::size_t>(n)})) {
      case Handshake::Step::kWait:
        break;
      case Handshake::Step::kSend:
        return say(handshake_->to_send());
      case Handshake::Step::kDone:
        return become_open();
      case Handshake::Step::kFailed:
        return fail("shake hands");
    }
  }
}

void Client::send_all(std::string_view text) {
  const auto n = write_some(fd_.get(), text);
  if (n != static_cast<ssize_t>(text.size())) fail("send a request");
}

}  // namespace airlane::bench
