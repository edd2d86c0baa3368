// Which proxies rotate by themselves, and when: by the calendar, by an interval since their
// dongle's last rotation, or by both, whichever comes first.
//
// Decides only when; a rotation goes the way of every other. Whoever caused it, its end counts for
// all proxies of the dongle: what was due is done, and intervals begin anew. What is due waits
// until the dongle is up and at rest; one that was missed, because of that or because nobody ran,
// happens once. A rotation that failed is tried again twice, five minutes apart, and is then left
// until its next time. Outside of its rental a proxy is not rotated.
//
// Calendars follow the wall clock, also when somebody sets it; intervals follow the monotonic one.
// The next times are in the store, so that a restart changes none of them.
//
// A member of the farm, control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/schedule/calendar.h"
#include "control/schedule/interval.h"
#include "db/proxies.h"
#include "db/schedules.h"
#include "db/store.h"

namespace airlane {

struct Clocks {
  std::function<Wall::time_point()> wall = Wall::now;
  std::function<Monotonic::time_point()> monotonic = Monotonic::now;
  // How long a wall clock that was set may go unnoticed.
  std::chrono::milliseconds look = std::chrono::seconds(30);
};

class Scheduler {
 public:
  struct Parts {
    Clocks clocks;
    std::function<bool(std::int64_t dongle)> is_ready;  // It is up, and does nothing.
    std::function<void(std::int64_t proxy)> rotate;     // Ends with `rotated` of its dongle.
    std::function<std::uint64_t()> random;
  };

  Scheduler(Loop& loop, Store& store, Parts parts);
  Scheduler(Scheduler&&) = delete;

  // What the store remembers; before the first `plan`.
  Outcome<Done> load();
  // What the store knows of one that came by an import; before its `plan`.
  void remember(const ScheduleRecord& schedule) {
    stored_.insert_or_assign(schedule.proxy, schedule);
  }
  void remember(const RotationRecord& rotation);
  // A proxy as it is from now on. A schedule that did not change keeps its next time; a new one
  // never begins with a rotation.
  void plan(const ProxyRecord& proxy);
  void forget(std::int64_t proxy) { plans_.erase(proxy); }
  void forget_dongle(std::int64_t dongle) { last_.erase(dongle); }
  // A rotation of the dongle has ended, or was tried in vain.
  void rotated(std::int64_t dongle, bool worked);
  // Something about dongles has changed, and with it perhaps what may begin.
  void look_soon() { timer_.start({}); }

  // When the proxy rotates next; in the past when that waits for the dongle.
  [[nodiscard]] std::optional<WallSeconds> next(std::int64_t proxy) const;
  [[nodiscard]] std::optional<WallSeconds> last_rotation(std::int64_t dongle) const;

 private:
  struct Wish {  // What a plan was made from.
    std::int64_t dongle = 0;
    std::string interval;
    std::string calendar;
    std::optional<WallSeconds> from;
    std::optional<WallSeconds> till;

    bool operator==(const Wish&) const = default;
  };
  struct Plan {
    Wish wish;
    std::optional<Interval> interval;
    std::optional<Calendar> calendar;
    std::optional<Monotonic::time_point> by_interval;
    std::optional<WallSeconds> by_calendar;
    std::optional<Monotonic::time_point> retry;  // Not before, after a failure.
    int failures = 0;
  };

  // What was to happen before, from the store or from the plan before this one.
  void take_over(Plan& plan, const ScheduleRecord& stored) const;
  static void take_over(Plan& plan, const Plan& before);
  void begin_interval(Plan& plan) const;
  void begin_calendar(Plan& plan) const;
  void begin_what_is_due(Plan& plan) const;
  void look();
  void notice_a_set_clock();
  [[nodiscard]] bool is_rented(const Wish& wish) const;
  [[nodiscard]] bool is_due(const Plan& plan) const;
  // How long the dongle has to rest before another rotation.
  [[nodiscard]] Monotonic::duration rest(std::int64_t dongle) const;
  [[nodiscard]] std::optional<Monotonic::duration> until(const Plan& plan) const;
  void wait();
  [[nodiscard]] ScheduleRecord record_of(std::int64_t proxy, const Plan& plan) const;
  template <class Record>
  void write(const Record& record);

  [[nodiscard]] WallSeconds now() const {
    return std::chrono::floor<std::chrono::seconds>(parts_.clocks.wall());
  }
  [[nodiscard]] Monotonic::time_point steady() const { return parts_.clocks.monotonic(); }
  [[nodiscard]] WallSeconds on_the_wall(Monotonic::time_point time) const;
  [[nodiscard]] Wall::duration offset() const;

  Loop& loop_;
  Store& store_;
  const Parts parts_;
  std::map<std::int64_t, Plan> plans_;                  // By proxy; of those with a schedule.
  std::map<std::int64_t, ScheduleRecord> stored_;       // By proxy; until it is planned.
  std::map<std::int64_t, Monotonic::time_point> last_;  // By dongle: its last rotation's end.
  Wall::duration offset_;  // By how much the wall clock is ahead of the monotonic one.
  Timer timer_;
};

}  // namespace airlane
