#include "db/traffic.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "db/database.h"
#include "db/failure.h"
#include "db/minutes.h"

namespace airlane {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

std::uint64_t limited_sum(std::uint64_t a, std::uint64_t b) {
  return b < kMost - a ? a + b : kMost;
}

}  // namespace

Traffic& Traffic::operator+=(const Traffic& other) noexcept {
  incoming = limited_sum(std::min(incoming, kMost), other.incoming);
  outgoing = limited_sum(std::min(outgoing, kMost), other.outgoing);
  return *this;
}

namespace traffic {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

// What of `bytes`, spread evenly over `length` seconds, lies before second `end`. Whole seconds'
// worth first, so that no product exceeds `bytes` + length * length.
std::uint64_t before(std::uint64_t bytes, std::int64_t end, std::int64_t length) {
  const auto part = static_cast<std::uint64_t>(end);
  const auto whole = static_cast<std::uint64_t>(length);
  return bytes / whole * part + bytes % whole * part / whole;
}

// One question, and its answer as it grows.
class Report {
 public:
  Report(Database& database, std::int64_t owner, WallSeconds from, WallSeconds till,
         WallSeconds now)
      : database_(database),
        owner_(owner),
        from_(unix_seconds(from)),
        till_(unix_seconds(till)),
        now_(unix_seconds(now)) {}

  Outcome<Done> add_days();
  Outcome<Done> add_hours();
  Outcome<Done> add_recent(Traffic unfolded);
  [[nodiscard]] const Traffic& sum() const { return sum_; }

 private:
  // What of `moved`, in the `length` seconds from `start` on, belongs to the span.
  void add(std::int64_t start, std::int64_t length, const Traffic& moved) {
    add_till(till_, start, length, moved);
  }
  void add_till(std::int64_t till, std::int64_t start, std::int64_t length, const Traffic& moved);
  void add_minute(std::int64_t number, const Traffic& moved);
  Outcome<Done> add_hour(std::int64_t hour, Traffic moved);
  [[nodiscard]] bool is_whole(std::int64_t start, std::int64_t length) const {
    return start >= from_ && start + length <= till_;
  }
  // The rows of a statement of owner, first and last `length`.
  template <class Add>
  Outcome<Done> each(Sql sql, std::int64_t length, Add add);

  Database& database_;
  const std::int64_t owner_;
  const std::int64_t from_;
  const std::int64_t till_;
  const std::int64_t now_;
  Traffic sum_;
};

void Report::add_till(std::int64_t till, std::int64_t start, std::int64_t length,
                      const Traffic& moved) {
  const auto begin = std::clamp<std::int64_t>(from_ - start, 0, length);
  const auto end = std::clamp<std::int64_t>(till - start, begin, length);
  const auto cut = [&](std::uint64_t bytes) {
    return before(bytes, end, length) - before(bytes, begin, length);
  };
  sum_ += {cut(moved.incoming), cut(moved.outgoing)};
}

void Report::add_minute(std::int64_t number, const Traffic& moved) {
  const std::int64_t start = number * kMinute;
  const std::int64_t so_far = now_ - start;
  const bool running = so_far >= 0 && so_far < kMinute;
  if (!running) return add(start, kMinute, moved);
  if (from_ >= now_) return;  // The future.
  const auto length = std::max<std::int64_t>(so_far, 1);
  add_till(till_ >= now_ ? start + length : till_, start, length, moved);
}

template <class Add>
Outcome<Done> Report::each(Sql sql, std::int64_t length, Add add) {
  auto statement = database_.prepare(sql);
  if (!statement) return statement.error();
  statement->bind(owner_, from_ / length, till_ / length);
  for (;;) {
    const auto more = statement->step();
    if (!more) return more.error();
    if (!*more) return Done{};
    const Traffic moved{statement->number<std::uint64_t>(1), statement->number<std::uint64_t>(2)};
    if (auto added = add(statement->integer(0), moved); !added) return added;
  }
}

Outcome<Done> Report::add_days() {
  return each(
      "SELECT day, incoming, outgoing FROM traffic_days "
      "WHERE owner = ?1 AND day BETWEEN ?2 AND ?3",
      kDay, [&](std::int64_t day, const Traffic& moved) -> Outcome<Done> {
        add(day * kDay, kDay, moved);
        return Done{};
      });
}

Outcome<Done> Report::add_hours() {
  return each(
      "SELECT hour, incoming, outgoing FROM traffic_hours "
      "WHERE owner = ?1 AND hour BETWEEN ?2 AND ?3",
      kHour, [&](std::int64_t hour, const Traffic& moved) -> Outcome<Done> {
        if (!is_whole(hour * kHour, kHour)) return add_hour(hour, moved);
        sum_ += moved;
        return Done{};
      });
}

// An hour that the span cuts. What its minutes do not tell of lies evenly in it.
Outcome<Done> Report::add_hour(std::int64_t hour, Traffic moved) {
  const auto bytes = database_.select_one<std::string>(
      "SELECT minutes FROM traffic_minutes WHERE hour = ?1 AND owner = ?2",
      [](const Statement& row) { return row.blob(0); }, hour, owner_);
  if (!bytes) return bytes.error();
  if (*bytes) {
    const auto minutes = unpacked(**bytes);
    if (!minutes) return damaged(database_.path(), "minutes of hour " + std::to_string(hour));
    for (std::size_t i = 0; i < minutes->size(); ++i) {
      const auto& minute = (*minutes)[i];
      moved.incoming -= std::min(minute.incoming, moved.incoming);
      moved.outgoing -= std::min(minute.outgoing, moved.outgoing);
      if (minute != Traffic{}) add_minute(hour * kMinute + static_cast<std::int64_t>(i), minute);
    }
  }
  add(hour * kHour, kHour, moved);
  return Done{};
}

// From one minute that is there to the next: between them lie the rows of all other owners.
Outcome<Done> Report::add_recent(Traffic unfolded) {
  const auto running = now_ / kMinute;
  auto added = each(
      "WITH RECURSIVE present (minute) AS ("
      "SELECT min(minute) FROM traffic_recent WHERE minute >= ?2 UNION ALL "
      "SELECT (SELECT min(r.minute) FROM traffic_recent AS r WHERE r.minute > present.minute) "
      "FROM present WHERE present.minute < ?3) "
      "SELECT r.minute, r.incoming, r.outgoing FROM present CROSS JOIN traffic_recent AS r "
      "ON r.minute = present.minute AND r.owner = ?1 WHERE r.minute <= ?3",
      kMinute, [&](std::int64_t minute, Traffic moved) -> Outcome<Done> {
        if (minute == running) moved += std::exchange(unfolded, {});
        add_minute(minute, moved);
        return Done{};
      });
  if (added && unfolded != Traffic{}) add_minute(running, unfolded);
  return added;
}

}  // namespace

Outcome<Traffic> sum(Database& database, std::int64_t owner, WallSeconds from, WallSeconds till,
                     WallSeconds now, const Traffic& unfolded) {
  if (from >= till) return Traffic{};
  Report report(database, owner, from, till, now);
  if (auto added = report.add_days(); !added) return added.error();
  if (auto added = report.add_hours(); !added) return added.error();
  if (auto added = report.add_recent(unfolded); !added) return added.error();
  return report.sum();
}

}  // namespace traffic
}  // namespace airlane
