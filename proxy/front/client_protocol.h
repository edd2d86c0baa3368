// What a client speaks inside its TLS: bytes in, bytes out, and sessions behind it.
//
// Owned by a TlsFront, which moves the bytes.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace airlane {

class ClientProtocol {
 public:
  virtual ~ClientProtocol() = default;

  // Whether more may be fed now. It says so again by its `on_change`.
  [[nodiscard]] virtual bool hungry() const = 0;
  virtual Status feed(std::span<const char> bytes) = 0;
  // The client has ended its stream; with `cut`, without saying so.
  virtual void end(bool cut) = 0;

  // How many bytes for the client were put into `out`; 0 when there are none now. An Error: what it
  // was told is not whole, and it shall see that.
  virtual Result<std::size_t> take(std::span<char> out) = 0;
  // Nothing will be taken any more.
  [[nodiscard]] virtual bool finished() const = 0;
  // Whatever the client still says, nobody will hear it.
  [[nodiscard]] virtual bool deaf() const = 0;

  // Whether there is a session.
  [[nodiscard]] virtual bool busy() const = 0;
  // Begin nothing new; finished() follows when what is under way is over.
  virtual void drain() = 0;
};

}  // namespace airlane
