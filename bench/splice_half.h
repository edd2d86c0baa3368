// One direction of the splicing relay: from socket to pipe to socket, without user memory. A pipe
// is held only while bytes are in it. One thread.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/relay.h"

namespace airlane::bench {

struct Pipe {
  UniqueFd out, in;
};

class PipePool {
 public:
  explicit PipePool(std::size_t size) : size_(size) {}
  Pipe take();
  void give(Pipe pipe) { idle_.push_back(std::move(pipe)); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::vector<Pipe> idle_;
};

class SpliceHalf {
 public:
  using Tools = PipePool;

  Moved move(PipePool& pipes, int from, int to, bool hangup);
  void discard(PipePool& pipes);  // A pipe with bytes in it is closed, not given back.

 private:
  Moved drain(int to);

  Pipe pipe_;
  std::size_t inside_ = 0;
};

}  // namespace airlane::bench
