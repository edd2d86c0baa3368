#include "db/aging.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "db/database.h"
#include "db/failure.h"
#include "db/minutes.h"
#include "db/transaction.h"

namespace airlane {
namespace {

constexpr std::int64_t kMinutesPerHour = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kHoursPerDay = 24;
constexpr std::int64_t kDay = 86400;

// How much one step does: some milliseconds' worth.
constexpr std::int64_t kOwnersToPack = 64;
constexpr std::int64_t kHoursToForget = 1024;
constexpr std::int64_t kOwnersToLookAt = 128;
constexpr std::int64_t kDaysToAddUp = 32;

struct RecentMinute {
  std::int64_t number = 0;
  std::int64_t owner = 0;
  Traffic moved;
};

RecentMinute read(const Statement& row) {
  return {
      row.integer(0), row.integer(1), {row.number<std::uint64_t>(2), row.number<std::uint64_t>(3)}};
}

std::int64_t number(const Statement& row) { return row.integer(0); }

// The last one that ended so long ago.
std::int64_t last_ended(WallSeconds now, std::chrono::seconds ago, std::int64_t length) {
  return (unix_seconds(now) - ago.count()) / length - 1;
}

Outcome<Minutes> minutes_of(Database& database, std::int64_t hour, std::int64_t owner) {
  const auto bytes = database.select_one<std::string>(
      "SELECT minutes FROM traffic_minutes WHERE hour = ?1 AND owner = ?2",
      [](const Statement& row) { return row.blob(0); }, hour, owner);
  if (!bytes) return bytes.error();
  if (!*bytes) return Minutes{};
  const auto minutes = unpacked(**bytes);
  if (minutes) return *minutes;
  return damaged(database.path(), "minutes of hour " + std::to_string(hour));
}

// `more`: what is to be added to what is known of the hour.
Outcome<Done> add_to_hour(Database& database, std::int64_t hour, std::int64_t owner,
                          const Minutes& more) {
  auto minutes = minutes_of(database, hour, owner);
  if (!minutes) return minutes.error();
  Traffic sum;
  for (std::size_t i = 0; i < more.size(); ++i) {
    (*minutes)[i] += more[i];
    sum += more[i];
  }
  auto added = database.execute(
      "INSERT INTO traffic_hours VALUES (?1, ?2, ?3, ?4) ON CONFLICT (owner, hour) DO UPDATE "
      "SET incoming = min(incoming, 9223372036854775807 - excluded.incoming) + excluded.incoming, "
      "outgoing = min(outgoing, 9223372036854775807 - excluded.outgoing) + excluded.outgoing",
      owner, hour, static_cast<std::int64_t>(sum.incoming),
      static_cast<std::int64_t>(sum.outgoing));
  if (!added) return added;
  const auto bytes = packed(*minutes);
  return database.execute(
      "INSERT INTO traffic_minutes VALUES (?1, ?2, ?3) ON CONFLICT (hour, owner) "
      "DO UPDATE SET minutes = excluded.minutes",
      hour, owner, Blob{bytes});
}

// Of the hour, the rows of the owners from `first` on, as many as a step may.
Outcome<Done> pack(Database& database, std::int64_t hour, std::int64_t first) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  std::map<std::int64_t, Minutes> by_owner;
  for (auto minute = hour * kMinutesPerHour; minute < (hour + 1) * kMinutesPerHour; ++minute) {
    const auto rows = database.select<RecentMinute>(
        "DELETE FROM traffic_recent WHERE minute = ?1 AND owner BETWEEN ?2 AND ?3 "
        "RETURNING minute, owner, incoming, outgoing",
        read, minute, first, first + kOwnersToPack - 1);
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
      by_owner[row.owner][static_cast<std::size_t>(minute % kMinutesPerHour)] = row.moved;
    }
  }
  for (const auto& [owner, minutes] : by_owner) {
    if (auto added = add_to_hour(database, hour, owner, minutes); !added) return added;
  }
  return transaction->commit();
}

// At most so many days of the owner, up to `last_day`. True when it had that many.
Outcome<bool> add_up(Database& database, std::int64_t owner, std::int64_t last_day) {
  const auto oldest = database.select_one<std::int64_t>(
      "SELECT hour FROM traffic_hours WHERE owner = ?1 ORDER BY hour LIMIT 1", number, owner);
  if (!oldest) return oldest.error();
  if (!*oldest || **oldest / kHoursPerDay > last_day) return false;
  const auto last = std::min(last_day, **oldest / kHoursPerDay + kDaysToAddUp - 1);
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto rows = database.select<RecentMinute>(
      "DELETE FROM traffic_hours WHERE owner = ?1 AND hour < ?2 "
      "RETURNING hour, owner, incoming, outgoing",
      read, owner, (last + 1) * kHoursPerDay);
  if (!rows) return rows.error();
  std::map<std::int64_t, Traffic> days;
  for (const auto& row : *rows) days[row.number / kHoursPerDay] += row.moved;
  for (const auto& [day, moved] : days) {
    auto added = database.execute(
        "INSERT INTO traffic_days VALUES (?1, ?2, ?3, ?4) ON CONFLICT (owner, day) DO UPDATE SET "
        "incoming = min(incoming, 9223372036854775807 - excluded.incoming) + excluded.incoming, "
        "outgoing = min(outgoing, 9223372036854775807 - excluded.outgoing) + excluded.outgoing",
        owner, day, static_cast<std::int64_t>(moved.incoming),
        static_cast<std::int64_t>(moved.outgoing));
    if (!added) return added.error();
  }
  if (auto committed = transaction->commit(); !committed) return committed.error();
  return true;
}

}  // namespace

Outcome<bool> Aging::step(Database& database, WallSeconds now) {
  for (const auto work : {&Aging::pack_recent, &Aging::forget_minutes}) {
    auto done = (this->*work)(database, now);
    if (!done || *done) return done;
  }
  return add_up_days(database, now);
}

Outcome<bool> Aging::pack_recent(Database& database, WallSeconds now) const {
  const auto oldest = database.select_one<RecentMinute>(
      "SELECT minute, owner, 0, 0 FROM traffic_recent ORDER BY minute, owner LIMIT 1", read);
  if (!oldest) return oldest.error();
  if (!*oldest) return false;
  const auto hour = (*oldest)->number / kMinutesPerHour;
  if (hour > last_ended(now, {}, kHour)) return false;
  if (auto done = pack(database, hour, (*oldest)->owner); !done) return done.error();
  return true;
}

Outcome<bool> Aging::forget_minutes(Database& database, WallSeconds now) const {
  const auto oldest = database.select_one<std::int64_t>(
      "SELECT hour FROM traffic_minutes ORDER BY hour LIMIT 1", number);
  if (!oldest) return oldest.error();
  if (!*oldest || **oldest > last_ended(now, retention_.minutes, kHour)) return false;
  auto forgotten = database.execute(
      "DELETE FROM traffic_minutes WHERE hour = ?1 AND owner IN "
      "(SELECT owner FROM traffic_minutes WHERE hour = ?1 ORDER BY owner LIMIT ?2)",
      **oldest, kHoursToForget);
  if (!forgotten) return forgotten.error();
  return true;
}

// Once for each day that grows old, and after a start, every owner is looked at.
Outcome<bool> Aging::add_up_days(Database& database, WallSeconds now) {
  const auto last_day = last_ended(now, std::max(retention_.hours, retention_.minutes), kDay);
  if (last_day > last_day_) {
    last_day_ = last_day;
    up_to_owner_ = std::numeric_limits<std::int64_t>::min();
  }
  for (std::int64_t looked_at = 0; up_to_owner_ && looked_at < kOwnersToLookAt; ++looked_at) {
    const auto owner = database.select_one<std::int64_t>(
        "SELECT owner FROM traffic_hours WHERE owner > ?1 ORDER BY owner LIMIT 1", number,
        *up_to_owner_);
    if (!owner) return owner.error();
    if (!*owner) {
      up_to_owner_.reset();
      return false;
    }
    auto added = add_up(database, **owner, last_day_);
    if (!added || *added) return added;
    up_to_owner_ = **owner;
  }
  return up_to_owner_.has_value();
}

}  // namespace airlane
