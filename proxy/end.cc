#include "proxy/end.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace airlane {

void End::take(UniqueFd socket, Readiness ready) noexcept {
  close();
  socket_ = std::move(socket);
  ready_ = ready;
}

void End::close() noexcept {
  watch_.closing();
  socket_.reset();
  ready_ = {};
}

UniqueFd End::release() noexcept {
  watch_.remove();
  ready_ = {};
  return std::move(socket_);
}

Status End::take_over(End& other) {
  const auto ready = other.ready_;
  take(other.release(), ready);
  return watch();
}

Result<std::optional<std::size_t>> End::receive(std::span<char> buffer, const char* during) {
  if (!ready_.readable()) return std::optional<std::size_t>();
  const auto size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0) {
    if (errno != EAGAIN) return Error{Errc::kBroken, during, errno};
    not_readable();
    return std::optional<std::size_t>();
  }
  const auto received = static_cast<std::size_t>(size);
  if (received < buffer.size() && !ready_.ended()) not_readable();
  return std::optional(received);
}

Result<std::size_t> End::send(std::string_view bytes, const char* during) {
  if (bytes.empty() || !ready_.writable()) return std::size_t{0};
  return note_sent(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), bytes.size(),
                   during);
}

Result<std::size_t> End::send(std::string_view first, std::string_view second, const char* during) {
  if (first.empty() || second.empty()) return send(first.empty() ? second : first, during);
  if (!ready_.writable()) return std::size_t{0};
  // The kernel only reads them.
  std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                             iovec{const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return note_sent(sendmsg(socket_.get(), &message, MSG_NOSIGNAL), first.size() + second.size(),
                   during);
}

Result<std::size_t> End::note_sent(ssize_t size, std::size_t wanted, const char* during) {
  if (size < 0 && errno != EAGAIN) return Error{Errc::kBroken, during, errno};
  const auto sent = size < 0 ? std::size_t{0} : static_cast<std::size_t>(size);
  if (sent < wanted) not_writable();
  return sent;
}

Status End::send_whole(std::string_view bytes, const char* during) {
  if (bytes.empty()) return Done{};
  const auto sent = send(bytes, during);
  if (!sent) return sent.error();
  if (*sent < bytes.size()) return Error{Errc::kBroken, during, EAGAIN};
  return Done{};
}

}  // namespace airlane
