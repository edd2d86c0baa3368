#include "control/scheduler.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"

namespace airlane {
namespace {

constexpr std::chrono::minutes kRetry{5};
constexpr int kTries = 3;
constexpr std::chrono::seconds kRest{5};   // As between two calls of change_ip.
constexpr std::chrono::seconds kDrift{2};  // Less is no set clock.

struct Stored {
  std::vector<ScheduleRecord> schedules;
  std::vector<RotationRecord> rotations;
};

Outcome<Stored> read_all(Database& database) {
  auto schedules = schedules::all(database);
  if (!schedules) return schedules.error();
  auto rotations = schedules::rotations(database);
  if (!rotations) return rotations.error();
  return Stored{*std::move(schedules), *std::move(rotations)};
}

// An expression that an older version has let through is not worth more than a line in the log.
template <class T>
std::optional<T> parse(std::int64_t proxy, const char* field, const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto parsed = T::parse(text);
  if (parsed) return *std::move(parsed);
  log::warning("proxy " + std::to_string(proxy) + ": " + field + " " + log::printable(text) +
               " means nothing: " + parsed.error().text);
  return std::nullopt;
}

}  // namespace

Scheduler::Scheduler(Loop& loop, Store& store, Parts parts)
    : loop_(loop),
      store_(store),
      parts_(std::move(parts)),
      offset_(offset()),
      timer_(loop, Callback<void()>::to<&Scheduler::look>(*this)) {}

Outcome<Done> Scheduler::load() {
  const auto stored = store_.wait(read_all);
  if (!stored) return stored.error();
  for (const auto& schedule : stored->schedules) remember(schedule);
  for (const auto& rotation : stored->rotations) remember(rotation);
  return Done{};
}

void Scheduler::remember(const RotationRecord& rotation) {
  const auto ago = std::max<Wall::duration>(parts_.clocks.wall() - rotation.last, {});
  last_[rotation.dongle] = steady() - ago;
}

void Scheduler::plan(const ProxyRecord& proxy) {
  Plan plan;
  plan.wish = {.dongle = proxy.dongle,
               .interval = proxy.ext_ip_upd_interval.value_or(""),
               .calendar = proxy.ext_ip_upd_calendar,
               .from = proxy.in_use_from,
               .till = proxy.in_use_till};
  const auto before = plans_.find(proxy.id);
  if (before != plans_.end() && before->second.wish == plan.wish) return;
  plan.interval = parse<Interval>(proxy.id, "ext_ip_upd_interval", plan.wish.interval);
  plan.calendar = parse<Calendar>(proxy.id, "ext_ip_upd_calendar", plan.wish.calendar);
  const auto stored = stored_.extract(proxy.id);
  if (!plan.interval && !plan.calendar) {
    if (before == plans_.end() && stored.empty()) return;
    plans_.erase(proxy.id);
    return write(record_of(proxy.id, plan));
  }
  if (!stored.empty()) {
    take_over(plan, stored.mapped());
  } else if (before != plans_.end()) {
    take_over(plan, before->second);
  }
  if (!plan.by_interval) begin_interval(plan);
  if (!plan.by_calendar) begin_calendar(plan);
  if (stored.empty() || stored.mapped() != record_of(proxy.id, plan)) {
    write(record_of(proxy.id, plan));
  }
  plans_.insert_or_assign(proxy.id, std::move(plan));
  look_soon();
}

// However the clock was set meanwhile, nobody waits longer than an interval can be.
void Scheduler::take_over(Plan& plan, const ScheduleRecord& stored) const {
  if (plan.interval && stored.by_interval) {
    const auto left = std::clamp<Wall::duration>(*stored.by_interval - parts_.clocks.wall(),
                                                 Wall::duration::zero(), plan.interval->most);
    plan.by_interval = steady() + left;
  }
  if (plan.calendar && stored.by_calendar && *stored.by_calendar <= now()) {
    plan.by_calendar = stored.by_calendar;
  }
}

void Scheduler::take_over(Plan& plan, const Plan& before) {
  const bool is_same = before.wish.dongle == plan.wish.dongle &&
                       before.wish.interval == plan.wish.interval &&
                       before.wish.from == plan.wish.from;
  if (is_same) plan.by_interval = before.by_interval;
}

void Scheduler::begin_interval(Plan& plan) const {
  plan.by_interval.reset();
  if (!plan.interval || (plan.wish.till && *plan.wish.till <= now())) return;
  const auto delay = plan.interval->draw(parts_.random());
  if (plan.wish.from && *plan.wish.from > now()) {
    plan.by_interval = steady() + (*plan.wish.from - now()) + delay;
    return;
  }
  const auto last = last_.find(plan.wish.dongle);
  const auto since = last == last_.end() ? steady() : last->second;
  plan.by_interval = (since + delay > steady() ? since : steady()) + delay;
}

// In whole seconds, and never early.
void Scheduler::begin_calendar(Plan& plan) const {
  plan.by_calendar.reset();
  if (!plan.calendar || (plan.wish.till && *plan.wish.till <= now())) return;
  auto after = std::chrono::floor<std::chrono::microseconds>(parts_.clocks.wall());
  if (plan.wish.from) {
    after = std::max<Calendar::Time>(after, *plan.wish.from - std::chrono::microseconds(1));
  }
  const auto next = plan.calendar->next(after);
  if (next) plan.by_calendar = std::chrono::ceil<std::chrono::seconds>(*next);
}

void Scheduler::begin_what_is_due(Plan& plan) const {
  plan.failures = 0;
  plan.retry.reset();
  if (plan.by_interval && *plan.by_interval <= steady()) begin_interval(plan);
  if (plan.by_calendar && *plan.by_calendar <= now()) begin_calendar(plan);
}

void Scheduler::rotated(std::int64_t dongle, bool worked) {
  if (worked) {
    last_[dongle] = steady();
    write(RotationRecord{dongle, now()});
  }
  for (auto& [proxy, plan] : plans_) {
    if (plan.wish.dongle != dongle) continue;
    if (!worked && !is_due(plan)) continue;
    if (!worked && ++plan.failures < kTries) {
      plan.retry = steady() + kRetry;
      continue;
    }
    if (worked) begin_interval(plan);
    begin_what_is_due(plan);
    write(record_of(proxy, plan));
  }
  look_soon();
}

std::optional<WallSeconds> Scheduler::next(std::int64_t proxy) const {
  const auto found = plans_.find(proxy);
  if (found == plans_.end()) return std::nullopt;
  const auto& plan = found->second;
  auto next = plan.by_calendar;
  if (plan.by_interval) {
    const auto then = on_the_wall(*plan.by_interval);
    next = std::min(next.value_or(then), then);
  }
  if (!next) return std::nullopt;
  if (plan.retry) next = std::max(*next, on_the_wall(*plan.retry));
  if (plan.wish.till && *next >= *plan.wish.till) return std::nullopt;
  return next;
}

std::optional<WallSeconds> Scheduler::last_rotation(std::int64_t dongle) const {
  const auto last = last_.find(dongle);
  return last == last_.end() ? std::nullopt : std::optional(on_the_wall(last->second));
}

void Scheduler::look() {
  notice_a_set_clock();
  for (auto& [proxy, plan] : plans_) {
    if (!is_due(plan)) continue;
    if (!is_rented(plan.wish)) {
      begin_what_is_due(plan);
      write(record_of(proxy, plan));
    } else if (rest(plan.wish.dongle).count() <= 0 && parts_.is_ready(plan.wish.dongle)) {
      parts_.rotate(proxy);
    }
  }
  wait();
}

// Forwards needs nothing: what is past is due. Backwards, an earlier moment may come once more.
void Scheduler::notice_a_set_clock() {
  const auto moved = offset() - offset_;
  if (std::chrono::abs(moved) < kDrift) return;
  offset_ = offset();
  log::info("The wall clock was set; the next rotations follow it.");
  for (auto& [proxy, plan] : plans_) {
    const bool is_ahead = plan.by_calendar && *plan.by_calendar > now();
    if (moved.count() < 0 && is_ahead) begin_calendar(plan);
    write(record_of(proxy, plan));
  }
}

bool Scheduler::is_rented(const Wish& wish) const {
  return (!wish.from || *wish.from <= now()) && (!wish.till || now() < *wish.till);
}

bool Scheduler::is_due(const Plan& plan) const {
  if (plan.retry && *plan.retry > steady()) return false;
  return (plan.by_interval && *plan.by_interval <= steady()) ||
         (plan.by_calendar && *plan.by_calendar <= now());
}

Monotonic::duration Scheduler::rest(std::int64_t dongle) const {
  const auto last = last_.find(dongle);
  if (last == last_.end()) return Monotonic::duration::zero();
  return last->second + kRest - steady();
}

// Nothing when it is due and waits for something else than time.
std::optional<Monotonic::duration> Scheduler::until(const Plan& plan) const {
  if (is_due(plan)) {
    const auto left = rest(plan.wish.dongle);
    return left.count() > 0 ? std::optional(left) : std::nullopt;
  }
  std::optional<Monotonic::duration> least;
  const auto consider = [&](Monotonic::duration left) {
    if (plan.retry) left = std::max(left, *plan.retry - steady());
    least = std::min(least.value_or(left), left);
  };
  if (plan.by_interval) consider(*plan.by_interval - steady());
  if (plan.by_calendar) consider(*plan.by_calendar - parts_.clocks.wall());
  return least;
}

void Scheduler::wait() {
  constexpr std::chrono::milliseconds kLeast{1};
  if (plans_.empty()) return timer_.cancel();
  Monotonic::duration least = parts_.clocks.look;
  for (const auto& [proxy, plan] : plans_) {
    if (const auto left = until(plan)) least = std::min(least, *left);
  }
  timer_.start(std::chrono::ceil<std::chrono::milliseconds>(least) + kLeast);
}

ScheduleRecord Scheduler::record_of(std::int64_t proxy, const Plan& plan) const {
  ScheduleRecord record{proxy, std::nullopt, plan.by_calendar};
  if (plan.by_interval) record.by_interval = on_the_wall(*plan.by_interval);
  return record;
}

template <class Record>
void Scheduler::write(const Record& record) {
  const auto work = [record](Database& database) { return schedules::put(database, record); };
  const auto written = [](const Outcome<Done>& done) {
    if (!done) log::warning("A restart would not know the next rotation: " + done.error().text);
  };
  store_.write(work, written, loop_);
}

Wall::duration Scheduler::offset() const {
  return parts_.clocks.wall().time_since_epoch() - parts_.clocks.monotonic().time_since_epoch();
}

WallSeconds Scheduler::on_the_wall(Monotonic::time_point time) const {
  return std::chrono::round<std::chrono::seconds>(
      Wall::time_point(time.time_since_epoch() + offset_));
}

}  // namespace airlane
