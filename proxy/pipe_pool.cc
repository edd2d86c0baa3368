#include "proxy/pipe_pool.h"

#include <fcntl.h>

#include <utility>

namespace airlane {
namespace {

constexpr int kWantedCapacity = 1 << 20;
constexpr int kSmallestCapacity = 64 << 10;
constexpr std::size_t kMostIdle = 256;
// After the kernel has refused one, so many users copy before it is asked again.
constexpr unsigned kRefused = 1024;

std::unique_ptr<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return {};
  auto pipe = std::make_unique<Pipe>();
  pipe->reader = UniqueFd(ends[0]);
  pipe->writer = UniqueFd(ends[1]);
  int capacity = fcntl(ends[1], F_SETPIPE_SZ, kWantedCapacity);
  if (capacity < 0) capacity = fcntl(ends[1], F_GETPIPE_SZ);
  if (capacity < kSmallestCapacity) return {};
  pipe->capacity = static_cast<std::size_t>(capacity);
  return pipe;
}

}  // namespace

std::unique_ptr<Pipe> PipePool::take() {
  if (!idle_.empty()) {
    auto pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  if (refused_ > 0) {
    --refused_;
    return {};
  }
  auto pipe = make_pipe();
  if (!pipe) refused_ = kRefused;
  return pipe;
}

void PipePool::give_back(std::unique_ptr<Pipe> pipe) {
  if (pipe->held == 0 && idle_.size() < kMostIdle) idle_.push_back(std::move(pipe));
}

}  // namespace airlane
