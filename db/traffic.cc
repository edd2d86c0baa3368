#include "db/traffic.h"

#include <algorithm>

#include "db/database.h"

namespace airlane::traffic {
namespace {

constexpr std::int64_t kSecondsPerMinute = 60;

std::int64_t minute_of(WallSeconds time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

struct Minute {
  std::int64_t number;
  Traffic moved;
};

Minute read(const Statement& row) {
  return {row.integer(0), {row.number<std::uint64_t>(1), row.number<std::uint64_t>(2)}};
}

// What of `bytes`, spread evenly over `length` seconds, lies before second `end`. Whole seconds'
// worth first, so that no product exceeds `bytes` + 60 * 60.
std::uint64_t before(std::uint64_t bytes, std::int64_t end, std::int64_t length) {
  const auto part = static_cast<std::uint64_t>(end);
  const auto whole = static_cast<std::uint64_t>(length);
  return bytes / whole * part + bytes % whole * part / whole;
}

struct Span {
  WallSeconds from;
  WallSeconds till;
  WallSeconds now;
};

// What of one minute belongs to the span.
Traffic share(const Minute& minute, const Span& span) {
  const std::int64_t start = minute.number * kSecondsPerMinute;
  const std::int64_t so_far = unix_seconds(span.now) - start;
  const bool running = so_far >= 0 && so_far < kSecondsPerMinute;
  const std::int64_t length = running ? std::max<std::int64_t>(so_far, 1) : kSecondsPerMinute;
  const auto within = [&](WallSeconds time) {
    if (running && time >= span.now) return length;
    return std::clamp<std::int64_t>(unix_seconds(time) - start, 0, length);
  };
  const auto begin = within(span.from);
  const auto end = within(span.till);
  const auto cut = [&](std::uint64_t bytes) {
    return before(bytes, end, length) - before(bytes, begin, length);
  };
  return {cut(minute.moved.incoming), cut(minute.moved.outgoing)};
}

}  // namespace

// The minutes that may be cut are read one by one, the many between them as one sum.
Outcome<Traffic> sum(Database& database, std::int64_t proxy, WallSeconds from, WallSeconds till,
                     WallSeconds now) {
  if (from >= till) return Traffic{};
  const auto first = minute_of(from);
  const auto last = minute_of(till);
  const auto running = minute_of(now);
  const auto whole = database.select_one<Minute>(
      "SELECT 0, sum(incoming), sum(outgoing) FROM traffic "
      "WHERE proxy = ?1 AND minute > ?2 AND minute < ?3 AND minute <> ?4",
      read, proxy, first, last, running);
  if (!whole) return whole.error();
  const auto cut = database.select<Minute>(
      "SELECT minute, incoming, outgoing FROM traffic "
      "WHERE proxy = ?1 AND minute IN (?2, ?3, ?4)",
      read, proxy, first, last, running);
  if (!cut) return cut.error();
  Traffic all = (*whole)->moved;
  for (const auto& minute : *cut) {
    const auto part = share(minute, {from, till, now});
    all.incoming += part.incoming;
    all.outgoing += part.outgoing;
  }
  return all;
}

Outcome<std::optional<WallSeconds>> first_minute(Database& database, std::int64_t proxy) {
  return database.select_one<WallSeconds>(
      "SELECT minute * 60 FROM traffic WHERE proxy = ?1 ORDER BY minute LIMIT 1",
      [](const Statement& row) { return row.time(0); }, proxy);
}

}  // namespace airlane::traffic
