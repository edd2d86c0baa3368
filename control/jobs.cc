#include "control/jobs.h"

#include <utility>

#include "base/log.h"

namespace airlane {
namespace {

constexpr const char* kInterrupted =
    "The server ended before this did: nobody knows what became of it. Look at the external IP, "
    "or rotate again.";

}  // namespace

std::string_view to_string(JobCause cause) noexcept {
  switch (cause) {
    case JobCause::kApi:
      return "api";
    case JobCause::kLink:
      return "link";
    case JobCause::kSchedule:
      return "schedule";
    case JobCause::kAdmin:
      return "admin";
  }
  return "";
}

std::string_view to_string(RotationGoal::Until until) noexcept {
  switch (until) {
    case RotationGoal::Until::kAny:
      return "";
    case RotationGoal::Until::kDifferent:
      return "different";
    case RotationGoal::Until::kUnused:
      return "unused";
  }
  return "";
}

Jobs::Jobs(Loop& loop, Store& store, Clocks clocks, unsigned most)
    : loop_(loop), store_(store), clocks_(std::move(clocks)), most_(most) {}

Outcome<Done> Jobs::load() {
  const auto last = store_.wait([](Database& database) -> Outcome<std::int64_t> {
    if (auto failed = jobs::fail_running(database, kInterrupted); !failed) return failed.error();
    return jobs::last_id(database);
  });
  if (!last) return last.error();
  last_id_ = *last;
  return Done{};
}

std::int64_t Jobs::begin(const Order& order) {
  JobRecord job;
  job.id = ++last_id_;
  job.proxy = order.proxy;
  job.user = order.user;
  job.dongle = order.dongle;
  job.action = order.action == Action::kRotate ? "rotate" : "reboot";
  job.cause = to_string(order.cause);
  job.until = to_string(order.until);
  job.started = std::chrono::floor<std::chrono::seconds>(clocks_.wall());
  write(job);
  running_[order.dongle] = {std::move(job), clocks_.monotonic()};
  return last_id_;
}

void Jobs::tried(std::int64_t dongle, int attempts) {
  const auto running = running_.find(dongle);
  if (running != running_.end()) running->second.job.attempts = attempts;
}

void Jobs::end(std::int64_t dongle, const RotationResult& result) {
  const auto running = running_.extract(dongle);
  if (running.empty()) return;
  auto job = current(running.mapped());
  job.state = result.failure ? "failed" : "done";
  job.old_ip = result.old_ip;
  job.new_ip = result.new_ip;
  job.attempts = result.attempts;
  job.reached = result.reached;
  job.error = result.missed;
  if (const auto& why = result.failure ? result.failure : result.unchecked) {
    job.error = why->text + (result.missed.empty() ? "" : " " + result.missed);
  }
  if (job.action == "rotate") count(job);
  write(job);
}

void Jobs::count(const JobRecord& job) {
  auto& tally = tallies_[job.dongle];
  tally.took += *job.took;
  if (job.state == "failed") {
    ++tally.failed;
  } else if (!job.old_ip || !job.new_ip) {
    ++tally.unknown;
  } else {
    ++(job.old_ip == job.new_ip ? tally.unchanged : tally.changed);
  }
}

Jobs::Tally Jobs::tally(std::int64_t dongle) const {
  const auto found = tallies_.find(dongle);
  return found == tallies_.end() ? Tally{} : found->second;
}

void Jobs::when_kept(const Then<Done>& then) {
  store_.read([](Database&) -> Outcome<Done> { return Done{}; }, then, loop_);
}

void Jobs::find(std::int64_t id, Then<std::optional<JobRecord>> then) {
  const auto work = [id](Database& database) { return jobs::find(database, id); };
  const auto found = [this, id, then = std::move(then)](Outcome<std::optional<JobRecord>> stored) {
    for (const auto& [dongle, running] : running_) {
      if (running.job.id == id) return then(std::optional(current(running)));
    }
    then(std::move(stored));
  };
  store_.read(work, found, loop_);
}

void Jobs::list(JobFilter filter, Then<std::vector<JobRecord>> then) {
  const auto work = [filter = std::move(filter)](Database& database) {
    return jobs::list(database, filter);
  };
  const auto found = [this, then = std::move(then)](Outcome<std::vector<JobRecord>> stored) {
    if (!stored) return then(std::move(stored));
    for (auto& job : *stored) job = current(std::move(job));
    then(std::move(stored));
  };
  store_.read(work, found, loop_);
}

// A disk that is full hinders no rotation.
void Jobs::write(const JobRecord& job) {
  const auto work = [job, most = most_](Database& database) {
    return jobs::put(database, job, most);
  };
  const auto written = [id = job.id](const Outcome<Done>& done) {
    if (done) return;
    log::warning("job " + std::to_string(id) + " is not on the disk: " + done.error().text);
  };
  store_.write(work, written, loop_);
}

JobRecord Jobs::current(const Running& running) const {
  auto job = running.job;
  job.took = std::chrono::floor<std::chrono::milliseconds>(clocks_.monotonic() - running.since);
  return job;
}

JobRecord Jobs::current(JobRecord stored) const {
  const auto running = running_.find(stored.dongle);
  if (running == running_.end() || running->second.job.id != stored.id) return stored;
  return current(running->second);
}

}  // namespace airlane
