// The access log: a bounded queue from each worker, and the thread that writes what is in them.
//
// A worker copies its record into its own ring and goes on; it wakes the thread only when that
// sleeps, at most once in kPause. However slow the disk is, nobody waits for it: a full ring drops
// the record and counts it. What a full disk or an absent reader refuses is kept (one batch) and
// tried again every second, so the file has whole lines and no gap that is not counted. The
// server's own log says when lines begin to be dropped, and how many it were.
//
// Owned by main; outlives the Engine. The destructor writes what is left, as far as the file takes
// it at once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/spsc_ring.h"
#include "base/unique_fd.h"
#include "proxy/access_file.h"
#include "proxy/access_record.h"

namespace airlane {

class AccessLog {
 public:
  struct Options {
    std::string path;
    unsigned workers = 1;
    std::size_t queue = 4096;  // Records per worker; rounded up to a power of two.
  };

  // kInvalid when the path cannot be opened; a FIFO may lack its reader for now.
  static Outcome<std::unique_ptr<AccessLog>> open(const Options& options);
  AccessLog(AccessLog&&) = delete;
  ~AccessLog();

  // By the worker of that number, on its thread. False when the record had to be dropped.
  bool add(unsigned worker, const AccessRecord& record) noexcept;

  // Any thread: records that found no room, and lines that the end of the program left unwritten.
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  static constexpr std::chrono::milliseconds kPause{50};  // In which a batch comes together.

  struct alignas(64) Queue {
    explicit Queue(std::size_t size) : ring(size) {}
    SpscRing<AccessRecord> ring;
    std::atomic<std::uint64_t> dropped = 0;
  };

  explicit AccessLog(const Options& options);

  void run();
  [[nodiscard]] bool is_idle();
  void collect();  // Fills the batch.
  enum class Taken : std::uint8_t { kAll, kSome, kNone };
  Taken flush();
  void give_up_rest();  // What the file did not take, at the end.
  void report();        // Once a minute at most.
  void sleep();
  void wait(std::chrono::milliseconds limit) const;  // Or until somebody wakes us.
  void wake() const noexcept;

  AccessFile file_;
  std::vector<std::unique_ptr<Queue>> queues_;
  UniqueFd waker_;  // eventfd
  std::atomic<bool> asleep_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;

  // The thread's own.
  std::string batch_;
  bool failing_ = false;
  std::uint64_t reported_ = 0;
  Monotonic::time_point next_report_{};

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace airlane
