#include "db/store.h"

#include <algorithm>

#include "base/log.h"
#include "db/transaction.h"

namespace airlane {
namespace {

// How many works may share a transaction: bounds how long the first of them waits for the last.
constexpr std::size_t kMostTogether = 1024;

}  // namespace

Outcome<std::unique_ptr<Store>> Store::open(const std::string& path, StoreOptions options) {
  auto database = Database::open(path, std::move(options.database));
  if (!database) return database.error();
  return std::unique_ptr<Store>(new Store(*std::move(database), options.queue_limit));
}

Store::Store(std::unique_ptr<Database> database, std::size_t queue_limit)
    : database_(std::move(database)), queue_limit_(queue_limit), thread_("store") {
  thread_.start();
}

Store::~Store() { thread_.stop(); }  // After the drain that is posted while anything waits.

void Store::flush() {
  // Shared: the waiting side may be gone before set_value has returned.
  auto reached = std::make_shared<std::promise<void>>();
  thread_.post([reached] { reached->set_value(); });
  reached->get_future().wait();
}

void Store::enqueue(Job job) {
  std::unique_lock lock(mutex_);
  if (waiting_.size() >= queue_limit_) {
    lock.unlock();
    return job.finish(
        Failure{Failure::Kind::kUnavailable,
                "The database is too far behind to take another change; try again later."});
  }
  waiting_.push_back(std::move(job));
  const bool wake = !std::exchange(draining_, true);
  lock.unlock();
  if (wake) thread_.post([this] { drain(); });
}

void Store::drain() {
  for (;;) {
    std::vector<Job> jobs;
    {
      const std::lock_guard lock(mutex_);
      jobs.swap(waiting_);
      draining_ = !jobs.empty();
    }
    if (jobs.empty()) return;
    run_all(jobs);
  }
}

// Reads stay out of the writes' transactions: a disk that fails those has nothing to do with them.
void Store::run_all(std::span<Job> jobs) {
  while (!jobs.empty()) {
    if (jobs.front().kind == Job::Kind::kRead) {
      jobs.front().finish(jobs.front().work(*database_));
      jobs = jobs.subspan(1);
      continue;
    }
    const auto end = std::find_if(jobs.begin(), jobs.end(),
                                  [](const Job& job) { return job.kind == Job::Kind::kRead; });
    const auto writes = std::min(static_cast<std::size_t>(end - jobs.begin()), kMostTogether);
    jobs = jobs.subspan(run_together(jobs.first(writes)));
  }
}

// Answers how many of `writes` it finished: all, or those up to the one under which the disk
// failed so that SQLite undid the transaction. The others get a transaction of their own.
std::size_t Store::run_together(std::span<Job> writes) {
  auto transaction = Transaction::begin(*database_);
  if (!transaction) {
    note(transaction.error());
    for (auto& job : writes) job.finish(transaction.error());
    return writes.size();
  }
  std::vector<Outcome<Done>> outcomes;
  for (auto& job : writes) {
    outcomes.push_back(run_one(job));
    if (transaction->undone()) break;
  }
  const auto committed = transaction->commit();
  note(committed);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    writes[i].finish(outcomes[i] && !committed ? committed : outcomes[i]);
  }
  return outcomes.size();
}

Outcome<Done> Store::run_one(Job& job) {
  auto savepoint = Transaction::begin(*database_);
  if (!savepoint) return savepoint.error();
  if (auto done = job.work(*database_); !done) return done;
  return savepoint->commit();
}

// One line when the disk begins to fail and one when it is well again, not one a second.
void Store::note(const Outcome<Done>& ended) {
  if (failing_ == !ended) return;
  failing_ = !ended;
  if (failing_) {
    log::error("database: " + ended.error().text);
  } else {
    log::info("database: " + database_->path() + " takes changes again");
  }
}

}  // namespace airlane
