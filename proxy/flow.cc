#include "proxy/flow.h"

#include <sys/socket.h>

#include <cerrno>

#include "proxy/protocol/http_rewrite.h"
#include "proxy/protocol/socks5.h"

namespace airlane {

std::string refusal_of(const Flow& flow, const Error& error) {
  switch (flow.protocol) {
    case Protocol::kUnknown:
      return {};
    case Protocol::kSocks5:
      return Socks5::reply(socks5_reply(error.code), Address());
    case Protocol::kHttp:
      return error_response(error.code, flow.request.method == "HEAD");
  }
  return {};
}

Result<std::optional<std::size_t>> receive(int fd, std::span<char> buffer, const char* during) {
  const auto size = recv(fd, buffer.data(), buffer.size(), 0);
  if (size >= 0) return std::optional(static_cast<std::size_t>(size));
  if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<std::size_t>();
  return Error{Errc::kBroken, during, errno};
}

Status send_whole(int fd, std::string_view bytes, const char* during) {
  if (bytes.empty()) return Done{};
  const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(bytes.size())) return Done{};
  return Error{Errc::kBroken, during, sent < 0 ? errno : 0};
}

}  // namespace airlane
