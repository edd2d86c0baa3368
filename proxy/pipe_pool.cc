#include "proxy/pipe_pool.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace airlane {
namespace {

constexpr int kWantedCapacity = 1 << 20;
constexpr std::size_t kMostIdle = 256;

}  // namespace

Result<Pipe> PipePool::take() {
  if (!idle_.empty()) {
    Pipe pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return Error{Errc::kSystem, "make pipe", errno};
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  int capacity = fcntl(ends[1], F_SETPIPE_SZ, kWantedCapacity);
  if (capacity < 0) capacity = fcntl(ends[1], F_GETPIPE_SZ);
  pipe.capacity = static_cast<std::size_t>(capacity);
  return pipe;
}

void PipePool::give_back(Pipe pipe) {
  if (pipe.held == 0 && idle_.size() < kMostIdle) idle_.push_back(std::move(pipe));
}

}  // namespace airlane
