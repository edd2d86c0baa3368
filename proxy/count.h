// Traffic counters that survive kill -9 to the byte: a memory-mapped file with one cache line per
// proxy and worker, which only that worker writes.
//
//   header   magic, workers, rows, epoch          one page
//   slot     incoming, outgoing, padding          64 bytes, [row * workers + worker]
//
// The kernel keeps the pages when the process dies; after a power cut the file may be as old as the
// last write-back, which is why the store folds it into the database once a second. Counters only
// grow: what was already folded is remembered in the database per epoch, row and worker, never
// subtracted here. A file whose shape (workers, rows) no longer fits is folded one last time and
// then replaced by a new one with a new epoch.
//
// Whoever counts in a file holds its lock, so that others can tell when the last byte has been
// counted: kill -9 gives it back, too.
//
// Rows are given out by the control plane (ProxyPort::counter_row). Workers write slots on their
// own thread; anyone may read them (relaxed atomics: a reader sees each counter at some recent
// value).
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

struct alignas(64) CounterSlot {
  std::atomic<std::uint64_t> incoming;  // Payload bytes received from targets.
  std::atomic<std::uint64_t> outgoing;  // Payload bytes sent to targets.

  // By the owning worker only: not a read-modify-write, so it costs what a plain add costs.
  void add_incoming(std::uint64_t bytes) noexcept { add(incoming, bytes); }
  void add_outgoing(std::uint64_t bytes) noexcept { add(outgoing, bytes); }

 private:
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t bytes) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
};
static_assert(sizeof(CounterSlot) == 64);

class CounterFile {
 public:
  struct Shape {
    std::uint32_t workers = 1;
    std::uint32_t rows = 16384;
    bool operator==(const Shape&) const = default;
  };

  // Opens the file whatever its shape; kNotFound when there is none, kInternal with a sentence
  // when it is not a counter file or cannot be read.
  static Outcome<CounterFile> open(const std::string& path);
  // Makes a zeroed file with its blocks allocated (so that a full disk is an error here and not a
  // SIGBUS later) and puts it in the place of any other by rename. It is locked.
  static Outcome<CounterFile> create(const std::string& path, Shape shape);

  CounterFile(CounterFile&& other) noexcept;
  CounterFile& operator=(CounterFile&& other) noexcept;
  ~CounterFile();

  // False when another process counts in it. Ours from then on.
  [[nodiscard]] bool lock();

  CounterSlot& slot(std::uint32_t row, std::uint32_t worker) noexcept;
  std::span<const CounterSlot> row(std::uint32_t row) noexcept;  // Of all workers.
  [[nodiscard]] Shape shape() const noexcept;
  [[nodiscard]] std::uint64_t epoch() const noexcept;  // Random; never 0.

 private:
  CounterFile(UniqueFd fd, void* memory, std::size_t size)
      : fd_(std::move(fd)), memory_(memory), size_(size) {}

  UniqueFd fd_;  // For its lock.
  void* memory_;
  std::size_t size_;
};

}  // namespace airlane
