#include "proxy/front/conduit.h"

#include <sys/socket.h>

#include <cerrno>

namespace airlane {

Conduit::Conduit(FrontHost& host, Callback<void()> on_change)
    : host_(host),
      on_change_(on_change),
      watch_(host.reactor(), Callback<void(Readiness)>::to<&Conduit::on_event>(*this)) {}

bool Conduit::open(const std::shared_ptr<Origin>& origin, Inside inside) {
  bridge_->origin = origin;
  bridge_->inside = inside;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return false;
  socket_.reset(ends[0]);
  UniqueFd theirs(ends[1]);
  for (const int end : ends) {
    setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kPairBuffer, sizeof kPairBuffer);
  }
  if (!watch_.add(socket_.get(), Watch::For::kChanges) ||
      !host_.start_session(std::move(theirs), bridge_)) {
    close();
    return false;
  }
  return true;
}

void Conduit::send(std::string_view bytes) {
  if (gone_ || !socket_) return;
  if (held_.empty()) bytes.remove_prefix(push(bytes));
  if (!gone_) held_ += bytes;
}

std::size_t Conduit::push(std::string_view bytes) {
  std::size_t pushed = 0;
  while (pushed < bytes.size()) {
    const auto rest = bytes.substr(pushed);
    const auto sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      gone_ = errno != EAGAIN;
      break;
    }
    pushed += static_cast<std::size_t>(sent);
  }
  return pushed;
}

void Conduit::flush() {
  if (!held_.empty()) {
    held_.erase(0, push(held_));
    if (gone_) held_.clear();
    if (held_.empty()) held_ = std::string();  // And its memory.
  }
  if (ending_ && held_.empty() && socket_) {
    ending_ = false;
    shutdown(socket_.get(), SHUT_WR);
  }
}

void Conduit::end() {
  ending_ = true;
  flush();
}

void Conduit::cut() {
  bridge_->client_cut = true;
  close();
}

void Conduit::close() noexcept {
  watch_.closing();
  socket_.reset();
  held_.clear();
  gone_ = true;
}

std::optional<std::size_t> Conduit::receive(std::span<char> out) {
  if (!socket_) return 0;
  const auto size = recv(socket_.get(), out.data(), out.size(), 0);
  if (size >= 0) return static_cast<std::size_t>(size);
  if (errno == EAGAIN) return std::nullopt;
  return 0;  // ECONNRESET: it has not read all that we sent, which is its right.
}

void Conduit::on_event(Readiness ready) {
  if (ready.failed()) gone_ = true;
  flush();
  on_change_();
}

}  // namespace airlane
