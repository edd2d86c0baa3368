// The database and the one thread that uses it, so that nobody else ever waits for a disk.
//
//   store.write([](Database& database) { return users::insert(database, alice); },
//               [](Outcome<std::int64_t> id) { ... }, loop);
//
// Works run in the order of their posting. Those that are waiting when the thread comes by share
// one transaction and thus one fsync; each has a savepoint of its own, so that one that fails
// undoes nothing but itself. An answer is posted to the caller's loop when its work is on the disk;
// if the commit fails, every work of that transaction is answered with that failure and has changed
// nothing. Nothing is retried: the next write tries the disk again.
//
// `write`, `read`, `wait` and `ask` may be called from any thread but the store's own. A loop given
// as `reply_to` must outlive the store. Destruction finishes what is queued.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/event/loop.h"
#include "base/event/loop_thread.h"
#include "base/result.h"
#include "db/database.h"

namespace airlane {

struct StoreOptions {
  // Works that may wait; one more is answered with kUnavailable and not done.
  std::size_t queue_limit = 16384;
  DatabaseOptions database{};
};

class Store {
 public:
  static Outcome<std::unique_ptr<Store>> open(const std::string& path, StoreOptions options = {});
  Store(Store&&) = delete;
  ~Store();

  // `work` is Outcome<T>(Database&), `then` takes that Outcome<T>; both must be copyable. `work` is
  // destroyed on the store's thread, `then` on that of `reply_to`.
  template <class Work, class Then>
  void write(Work work, Then then, Loop& reply_to) {
    post(Job::Kind::kWrite, std::move(work), std::move(then), reply_to);
  }
  // The same for what changes nothing: it sees all earlier writes, and a full disk does not hinder
  // it.
  template <class Work, class Then>
  void read(Work work, Then then, Loop& reply_to) {
    post(Job::Kind::kRead, std::move(work), std::move(then), reply_to);
  }

  // As `write`, and blocks until it is on the disk: for start-up, shutdown and tests.
  template <class Work>
  std::invoke_result_t<Work&, Database&> wait(Work work) {
    return block(Job::Kind::kWrite, std::move(work));
  }
  // As `read`, and blocks: for threads that may, such as a dongle's.
  template <class Work>
  std::invoke_result_t<Work&, Database&> ask(Work work) {
    return block(Job::Kind::kRead, std::move(work));
  }

  // Blocks until everything posted before is answered.
  void flush();

 private:
  struct Job {
    enum class Kind { kRead, kWrite };
    Kind kind;
    std::function<Outcome<Done>(Database&)> work;
    std::function<void(const Outcome<Done>&)> finish;  // Once, on whatever thread knows the end.
  };

  Store(std::unique_ptr<Database> database, std::size_t queue_limit);

  template <class Work, class Then>
  void post(Job::Kind kind, Work work, Then then, Loop& reply_to);
  template <class Work>
  std::invoke_result_t<Work&, Database&> block(Job::Kind kind, Work work);
  void enqueue(Job job);
  void drain();
  void run_all(std::span<Job> jobs);
  std::size_t run_together(std::span<Job> writes);
  Outcome<Done> run_one(Job& job);
  void note(const Outcome<Done>& ended);

  std::unique_ptr<Database> database_;
  const std::size_t queue_limit_;
  bool failing_ = false;  // The last transaction failed, and the log says so.

  std::mutex mutex_;  // Guards the two below; never held while a job runs.
  std::vector<Job> waiting_;
  bool draining_ = false;

  LoopThread thread_;  // Last: it ends before what it uses.
};

// The answer waits in `answer` while the transaction decides whether it may be given.
template <class Work, class Then>
void Store::post(Job::Kind kind, Work work, Then then, Loop& reply_to) {
  using Answer = std::invoke_result_t<Work&, Database&>;
  auto answer = std::make_shared<std::optional<Answer>>();
  auto run = [answer, work = std::move(work)](Database& database) mutable -> Outcome<Done> {
    answer->emplace(work(database));
    if (!**answer) return (**answer).error();
    return Done{};
  };
  auto finish = [answer, then = std::move(then), &reply_to](const Outcome<Done>& ended) mutable {
    if (!ended) answer->emplace(ended.error());
    reply_to.post([answer, then = std::move(then)]() mutable { then(*std::move(*answer)); });
  };
  enqueue({kind, std::move(run), std::move(finish)});
}

template <class Work>
std::invoke_result_t<Work&, Database&> Store::block(Job::Kind kind, Work work) {
  using Answer = std::invoke_result_t<Work&, Database&>;
  std::optional<Answer> answer;
  // Shared: the waiting side may be gone before set_value has returned.
  auto answered = std::make_shared<std::promise<void>>();
  enqueue({kind,
           [&](Database& database) -> Outcome<Done> {
             answer.emplace(work(database));
             if (!*answer) return answer->error();
             return Done{};
           },
           [&answer, answered](const Outcome<Done>& ended) {
             if (!ended) answer.emplace(ended.error());
             answered->set_value();
           }});
  answered->get_future().wait();
  return *std::move(answer);
}

}  // namespace airlane
