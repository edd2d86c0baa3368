#include "proxy/access_log.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/thread.h"
#include "proxy/access_line.h"

namespace airlane {
namespace {

constexpr std::size_t kBatchMost = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kRetry{1000};
constexpr std::chrono::seconds kReportEvery{60};

std::string lines(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " line" : " lines");
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Outcome<std::unique_ptr<AccessLog>> AccessLog::open(const Options& options) {
  std::unique_ptr<AccessLog> log(new AccessLog(options));
  const auto opened = log->file_.open();
  if (!opened && opened.error().os_error != ENXIO) {
    return Failure{Failure::Kind::kInvalid,
                   "cannot open the access log " + options.path + ": " +
                       std::system_category().message(opened.error().os_error)};
  }
  log->waker_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!log->waker_) {
    return Failure{Failure::Kind::kInternal, "no descriptor is left for the access log"};
  }
  log->thread_ = start_thread("access-log", [&made = *log] { made.run(); });
  return log;
}

AccessLog::AccessLog(const Options& options) : file_(options.path) {
  for (unsigned i = 0; i < options.workers; ++i) {
    queues_.push_back(std::make_unique<Queue>(options.queue));
  }
}

AccessLog::~AccessLog() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  thread_.join();
}

bool AccessLog::add(unsigned worker, const AccessRecord& record) noexcept {
  auto& queue = *queues_[worker];
  auto* const slot = queue.ring.slot();
  if (!slot) {
    // Its only writer: a plain add.
    queue.dropped.store(queue.dropped.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
    return false;
  }
  *slot = record;
  queue.ring.commit();
  if (asleep_.load() && asleep_.exchange(false)) wake();
  return true;
}

std::uint64_t AccessLog::dropped() const noexcept {
  std::uint64_t sum = lost_;
  for (const auto& queue : queues_) sum += queue->dropped.load(std::memory_order_relaxed);
  return sum;
}

void AccessLog::run() {
  for (;;) {
    const bool last = stopping_;  // Before looking: what came before it is still written.
    collect();
    if (batch_.empty()) {
      if (last) break;
      sleep();
      continue;
    }
    const bool more = batch_.size() >= kBatchMost;
    const auto taken = flush();
    report();
    if (last && taken == Taken::kNone) break;
    if (!last && !(more && taken == Taken::kAll)) wait(taken == Taken::kNone ? kRetry : kPause);
  }
  give_up_rest();
}

void AccessLog::give_up_rest() {
  std::uint64_t rest = count_lines(batch_);
  for (const auto& queue : queues_) {
    for (; queue->ring.front(); queue->ring.pop()) ++rest;
  }
  lost_ += rest;
  next_report_ = {};
  report();
}

void AccessLog::collect() {
  for (const auto& queue : queues_) {
    while (batch_.size() < kBatchMost) {
      const auto* const record = queue->ring.front();
      if (!record) break;
      append_access_line(batch_, *record);
      queue->ring.pop();
    }
  }
}

AccessLog::Taken AccessLog::flush() {
  const auto taken = file_.append(batch_);
  if (!taken) {
    if (!std::exchange(failing_, true)) {
      log::error("cannot write the access log " + file_.path() +
                 ", trying again: " + std::system_category().message(taken.error().os_error));
    }
    return Taken::kNone;
  }
  if (std::exchange(failing_, false)) log::info("the access log is written again");
  written_ += count_lines(std::string_view(batch_).substr(0, *taken));
  batch_.erase(0, *taken);
  return batch_.empty() ? Taken::kAll : Taken::kSome;
}

void AccessLog::report() {
  const auto dropped = this->dropped();
  const auto now = Monotonic::now();
  if (dropped == reported_ || now < next_report_) return;
  log::warning("the access log has dropped " + lines(dropped - reported_) +
               ": its file takes them too slowly");
  reported_ = dropped;
  next_report_ = now + kReportEvery;
}

// A worker that adds after `asleep_` was set sees it; what was added before is seen here.
void AccessLog::sleep() {
  asleep_ = true;
  if (is_idle() && !stopping_) wait(std::chrono::milliseconds(-1));
  asleep_ = false;
}

bool AccessLog::is_idle() {
  return std::none_of(queues_.begin(), queues_.end(),
                      [](const auto& queue) { return queue->ring.front() != nullptr; });
}

void AccessLog::wait(std::chrono::milliseconds limit) const {
  pollfd entry{waker_.get(), POLLIN, 0};
  if (poll(&entry, 1, static_cast<int>(limit.count())) != 1) return;
  std::uint64_t calls = 0;
  if (read(waker_.get(), &calls, sizeof calls) < 0) return;  // Somebody else's turn: none.
}

void AccessLog::wake() const noexcept {
  const std::uint64_t one = 1;
  if (write(waker_.get(), &one, sizeof one) < 0) return;  // It is awake already.
}

}  // namespace airlane
