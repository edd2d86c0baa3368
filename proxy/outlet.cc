#include "proxy/outlet.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace airlane {
namespace {

constexpr unsigned kSpliceFlags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

}  // namespace

Result<std::size_t> Outlet::send(std::string_view head, std::string_view body) {
  const auto sent = to_.send(head, body, "write");
  if (!sent) return sent;
  const auto of_head = std::min(*sent, head.size());
  const auto of_body = *sent - of_head;
  if (of_head < head.size()) kept_.append(head.substr(of_head));
  if (of_body < body.size()) kept_.append(body.substr(of_body));
  return sent;
}

Result<std::size_t> Outlet::flush() {
  if (pipe_) return drain();
  const auto sent = to_.send(kept_, "write");
  if (!sent) return sent;
  kept_.erase(0, *sent);
  if (kept_.empty()) kept_ = std::string();  // And its memory.
  return sent;
}

Result<std::optional<std::size_t>> Outlet::splice_from(End& from, std::uint64_t most, bool tuned) {
  if (!from.ready().readable()) return std::optional<std::size_t>();
  auto pipe = pipes_.take();
  if (!pipe) return Error{Errc::kOverLimit, "take pipe"};
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(most, std::min<std::uint64_t>(window_, pipe->capacity)));
  const auto moved = splice(from.fd(), nullptr, pipe->writer.get(), nullptr, size, kSpliceFlags);
  if (moved > 0) {
    pipe->held = static_cast<std::size_t>(moved);
    pipe_ = std::move(pipe);
    if (tuned) room_.moved(from.fd(), pipe_->held);
    return std::optional(pipe_->held);
  }
  const int error = errno;
  pipes_.give_back(std::move(pipe));
  if (moved == 0) return std::optional(std::size_t{0});
  if (error != EAGAIN) return Error{Errc::kBroken, "read", error};
  from.not_readable();  // The pipe was empty, so it is the socket that has nothing.
  return std::optional<std::size_t>();
}

Result<std::size_t> Outlet::drain() {
  std::size_t all = 0;
  while (pipe_->held > 0 && to_.ready().writable()) {
    const auto moved =
        splice(pipe_->reader.get(), nullptr, to_.fd(), nullptr, pipe_->held, kSpliceFlags);
    if (moved < 0 && errno == EAGAIN) {
      to_.not_writable();
      break;
    }
    if (moved <= 0) return Error{Errc::kBroken, "write", errno};
    pipe_->held -= static_cast<std::size_t>(moved);
    all += static_cast<std::size_t>(moved);
  }
  if (pipe_->held == 0) {
    window_ = static_cast<std::uint32_t>(std::min(std::size_t{window_} * 2, pipe_->capacity));
    release_pipe();
  }
  return all;
}

void Outlet::release_pipe() {
  if (pipe_) pipes_.give_back(std::move(pipe_));
}

}  // namespace airlane
