// Clients that were blocked for guessing passwords, on their way from the workers to the operator.
//
// One report for each block, however much the client goes on trying. A worker puts it down and
// never waits: when the reader is there at that moment, or more came than fit since the last time,
// the client is counted but not named. So a crowd of guessers fills no log.
//
// Owned by the Guard; any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/address.h"

namespace airlane {

struct Block {
  std::int64_t proxy = 0;
  std::uint16_t port = 0;  // Of the proxy.
  Address client;
};

class BlockReports {
 public:
  static constexpr std::size_t kMost = 16;

  BlockReports() { blocks_.reserve(kMost); }

  void put(const Block& block) noexcept {
    total_.fetch_add(1, std::memory_order_relaxed);
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock && blocks_.size() < kMost) {
      blocks_.push_back(block);
    } else {
      unnamed_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  struct News {
    std::vector<Block> blocks;
    std::uint64_t unnamed = 0;  // And so many more.
  };
  // What came since the last call.
  News take() {
    News news;
    news.blocks.reserve(kMost);
    const std::lock_guard lock(mutex_);
    std::swap(news.blocks, blocks_);
    news.unnamed = unnamed_.exchange(0, std::memory_order_relaxed);
    return news;
  }

  [[nodiscard]] std::uint64_t total() const noexcept {
    return total_.load(std::memory_order_relaxed);
  }

 private:
  std::mutex mutex_;
  std::vector<Block> blocks_;  // Never more than it has room for.
  std::atomic<std::uint64_t> unnamed_{0};
  std::atomic<std::uint64_t> total_{0};
};

}  // namespace airlane
