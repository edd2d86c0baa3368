// Pipes for splice(2), one pool per worker. A pipe is taken while bytes are in flight and given
// back when it has run dry, so an idle tunnel holds none.
//
// A pipe slot holds one fragment of a socket buffer, whatever its size: a default pipe of 16 slots
// carries some 23 KB of MTU-sized traffic. Pipes are therefore asked to be 1 MiB, and keep the size
// that the kernel grants (pipe(7), pipe-user-pages-soft). One that is granted less than 64 KiB is
// no better than copying, and none at all.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/unique_fd.h"

namespace airlane {

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
  std::size_t capacity = 0;
  std::size_t held = 0;  // Bytes written to it and not yet read.
};

class PipePool {
 public:
  // Null when there is none to be had: then its user has to copy.
  std::unique_ptr<Pipe> take();
  // Keeps an empty pipe, up to a bound; closes any other.
  void give_back(std::unique_ptr<Pipe> pipe);

  [[nodiscard]] std::size_t idle() const noexcept { return idle_.size(); }

 private:
  std::vector<std::unique_ptr<Pipe>> idle_;
  unsigned refused_ = 0;  // So many more, without asking the kernel again.
};

}  // namespace airlane
