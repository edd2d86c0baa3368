// Bytes on their way to one end of an HTTP exchange: handed to the kernel at once, and what it does
// not take kept until it does. Nothing more is to be taken in while something is kept, so this is
// never more than one workbench buffer, or one pipe.
//
// Payload that nobody has to look at may be moved from socket to socket by splice(2), through a
// pooled pipe that is held only while bytes are in flight. What one splice may take in begins small
// and doubles each time the receiver took it all, as in Relay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/end.h"
#include "proxy/pipe_pool.h"
#include "proxy/receive_room.h"

namespace airlane {

class Outlet {
 public:
  Outlet(PipePool& pipes, End& to) : pipes_(pipes), to_(to) {}
  Outlet(Outlet&&) = delete;
  ~Outlet() { release_pipe(); }

  [[nodiscard]] bool empty() const noexcept { return kept_.empty() && !pipe_; }

  // A head, or none, and what comes behind it, in one write; only while empty(). How many bytes the
  // kernel took.
  Result<std::size_t> send(std::string_view head, std::string_view body);
  // What was kept; how many bytes the kernel took.
  Result<std::size_t> flush();

  // Moves up to `most` bytes from `from` into a pipe, to be flushed; only while empty(). 0 at the
  // end of the stream, absent when there is nothing now. kOverLimit: there is no pipe to be had.
  // `tuned`: the room that `from` has for it is ours to choose.
  Result<std::optional<std::size_t>> splice_from(End& from, std::uint64_t most, bool tuned);

 private:
  Result<std::size_t> drain();
  void release_pipe();

  PipePool& pipes_;
  End& to_;
  std::uint32_t window_ = 128 << 10;  // What one splice may take in.
  std::string kept_;
  ReceiveRoom room_;            // Of whom it is spliced from.
  std::unique_ptr<Pipe> pipe_;  // While bytes are in flight.
};

}  // namespace airlane
