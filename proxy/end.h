// One end of a connection: a socket, its registration, and what is known of its readiness.
//
// The registration is made once and tells changes only, so what it told must be remembered: an end
// is taken to be readable until a read came back short, and writable until a write did. A read that
// fills less than its buffer has emptied the socket, and the next byte makes an edge; but only when
// the peer has not ended its stream, because the end came with the edge before it.
//
// Owned by a Flow (or by a stage that has a second socket); its worker's thread only.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/event/watch.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

class End {
 public:
  End(Reactor& reactor, Callback<void()> on_ready)
      : on_ready_(on_ready),
        watch_(reactor, Callback<void(Readiness)>::to<&End::on_event>(*this)) {}
  End(End&&) = delete;
  ~End() { close(); }

  // Takes over a socket, not yet watched. `ready` is what is worth trying before the first event.
  void take(UniqueFd socket, Readiness ready = {}) noexcept;
  Status watch() { return watch_.add(socket_.get(), Watch::For::kChanges); }
  void close() noexcept;
  // Gives the socket away, unwatched.
  UniqueFd release() noexcept;
  // Makes this end what `other` was, registration included; `other` is closed.
  Status take_over(End& other);

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  explicit operator bool() const noexcept { return static_cast<bool>(socket_); }

  [[nodiscard]] Readiness ready() const noexcept { return ready_; }
  // For who does I/O on the descriptor itself, as splice does: it would have blocked.
  void not_readable() noexcept { ready_.clear(Readiness::kReadable); }
  void not_writable() noexcept { ready_.clear(Readiness::kWritable); }

  // One read: how many bytes, 0 at the end of the stream, absent when there is nothing now. Without
  // a system call when that is known. kBroken otherwise.
  Result<std::optional<std::size_t>> receive(std::span<char> buffer, const char* during);
  // One write: how many bytes the kernel took; fewer than all when it is full. Without a system
  // call when that is known. kBroken otherwise.
  Result<std::size_t> send(std::string_view bytes, const char* during);
  // The same of two texts, in one write.
  Result<std::size_t> send(std::string_view first, std::string_view second, const char* during);
  // A handshake message of a few bytes. A peer whose window is too small for it is broken.
  Status send_whole(std::string_view bytes, const char* during);

 private:
  void on_event(Readiness ready) {
    ready_ |= ready;
    on_ready_();
  }
  Result<std::size_t> note_sent(ssize_t size, std::size_t wanted, const char* during);

  Callback<void()> on_ready_;
  UniqueFd socket_;
  Readiness ready_;
  Watch watch_;
};

}  // namespace airlane
