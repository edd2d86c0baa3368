#include "db/contents.h"

#include <map>
#include <set>

#include "db/database.h"
#include "db/transaction.h"

namespace airlane::contents {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kMinute = 60;

using Ids = std::map<std::int64_t, std::int64_t>;  // From those of the contents to the stored ones.

auto reader(std::int64_t length) {
  return [length](const Statement& row) {
    return TrafficRecord{.owner = row.integer(0),
                         .from = from_unix(row.integer(1) * length),
                         .moved = {row.number<std::uint64_t>(2), row.number<std::uint64_t>(3)}};
  };
}

// Puts it into `to`, or is the failure.
template <class T>
Outcome<Done> take(Outcome<T> from, T& to) {
  if (!from) return from.error();
  to = *std::move(from);
  return Done{};
}

Outcome<Done> read_traffic(Database& database, Contents& all) {
  auto done = take(database.select<TrafficRecord>(
                       "SELECT owner, day, incoming, outgoing FROM traffic_days WHERE owner IN "
                       "(SELECT id FROM proxies UNION ALL SELECT -id FROM credentials) "
                       "ORDER BY owner, day",
                       reader(kDay)),
                   all.days);
  if (!done) return done;
  done = take(database.select<TrafficRecord>(
                  "SELECT owner, hour, incoming, outgoing FROM traffic_hours WHERE owner IN "
                  "(SELECT id FROM proxies UNION ALL SELECT -id FROM credentials) "
                  "ORDER BY owner, hour",
                  reader(kHour)),
              all.hours);
  if (!done) return done;
  return take(database.select<TrafficRecord>(
                  "SELECT owner, minute, incoming, outgoing FROM traffic_recent WHERE owner IN "
                  "(SELECT id FROM proxies UNION ALL SELECT -id FROM credentials) "
                  "ORDER BY owner, minute",
                  reader(kMinute)),
              all.minutes);
}

Outcome<Done> read_records(Database& database, Contents& all) {
  if (auto done = take(users::all(database), all.users); !done) return done;
  if (auto done = take(api_keys::all(database), all.keys); !done) return done;
  if (auto done = take(dongles::all(database), all.dongles); !done) return done;
  if (auto done = take(schedules::rotations(database), all.rotations); !done) return done;
  if (auto done = take(proxies::all(database), all.proxies); !done) return done;
  if (auto done = take(credentials::all(database), all.credentials); !done) return done;
  if (auto done = take(rotation_links::all(database), all.links); !done) return done;
  return take(schedules::all(database), all.schedules);
}

Outcome<Done> insert_users(Database& database, Contents& all) {
  Ids ids;
  for (auto& user : all.users) {
    const auto id = users::insert(database, user);
    if (!id) return id.error();
    ids[user.id] = *id;
    user.id = *id;
  }
  for (auto& key : all.keys) {
    key.user = ids[key.user];
    const auto id = api_keys::insert(database, key);
    if (!id) return id.error();
    key.id = *id;
  }
  for (auto& proxy : all.proxies) proxy.user = ids[proxy.user];
  return Done{};
}

Outcome<Done> insert_dongles(Database& database, Contents& all) {
  Ids ids;
  for (auto& dongle : all.dongles) {
    const auto id = dongles::insert(database, dongle);
    if (!id) return id.error();
    ids[dongle.id] = *id;
    dongle.id = *id;
  }
  for (auto& rotation : all.rotations) {
    rotation.dongle = ids[rotation.dongle];
    if (auto put = schedules::put(database, rotation); !put) return put;
  }
  for (auto& proxy : all.proxies) proxy.dongle = ids[proxy.dongle];
  return Done{};
}

Outcome<Done> insert_proxies(Database& database, const Contents& all) {
  for (const auto& proxy : all.proxies) {
    if (const auto id = proxies::insert(database, proxy); !id) return id.error();
  }
  for (const auto& credential : all.credentials) {
    if (const auto id = credentials::insert(database, credential); !id) return id.error();
  }
  for (const auto& link : all.links) {
    if (auto put = rotation_links::put(database, link); !put) return put;
  }
  for (const auto& schedule : all.schedules) {
    if (auto put = schedules::put(database, schedule); !put) return put;
  }
  return Done{};
}

// Packed minutes are ordered by time, so that they are looked for only where there are hours.
Outcome<Done> clear_traffic(Database& database, std::int64_t owner) {
  auto cleared = database.execute("DELETE FROM traffic_hours WHERE owner = ?1", owner);
  if (!cleared) return cleared;
  if (database.changes() > 0) {
    cleared = database.execute("DELETE FROM traffic_minutes WHERE owner = ?1", owner);
    if (!cleared) return cleared;
  }
  cleared = database.execute("DELETE FROM traffic_days WHERE owner = ?1", owner);
  if (!cleared) return cleared;
  return database.execute("DELETE FROM traffic_recent WHERE owner = ?1", owner);
}

Outcome<Done> insert_traffic(Database& database, Sql sql, std::int64_t length,
                             const std::vector<TrafficRecord>& rows) {
  for (const auto& row : rows) {
    auto done = database.execute(sql, row.owner, unix_seconds(row.from) / length,
                                 static_cast<std::int64_t>(row.moved.incoming),
                                 static_cast<std::int64_t>(row.moved.outgoing));
    if (!done) return done;
  }
  return Done{};
}

Outcome<Done> insert_traffic(Database& database, const Contents& all) {
  std::set<std::int64_t> owners;
  for (const auto* rows : {&all.days, &all.hours, &all.minutes}) {
    for (const auto& row : *rows) owners.insert(row.owner);
  }
  for (const auto owner : owners) {
    if (auto cleared = clear_traffic(database, owner); !cleared) return cleared;
  }
  auto done = insert_traffic(
      database, "INSERT INTO traffic_days (owner, day, incoming, outgoing) VALUES (?1, ?2, ?3, ?4)",
      kDay, all.days);
  if (!done) return done;
  done = insert_traffic(
      database,
      "INSERT INTO traffic_hours (owner, hour, incoming, outgoing) VALUES (?1, ?2, ?3, ?4)", kHour,
      all.hours);
  if (!done) return done;
  return insert_traffic(
      database,
      "INSERT INTO traffic_recent (owner, minute, incoming, outgoing) VALUES (?1, ?2, ?3, ?4)",
      kMinute, all.minutes);
}

}  // namespace

Outcome<Contents> read(Database& database, bool with_traffic) {
  Contents all;
  if (auto done = read_records(database, all); !done) return done.error();
  if (!with_traffic) return all;
  if (auto done = read_traffic(database, all); !done) return done.error();
  return all;
}

Outcome<Contents> insert(Database& database, Contents contents) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  if (auto done = insert_users(database, contents); !done) return done.error();
  if (auto done = insert_dongles(database, contents); !done) return done.error();
  if (auto done = insert_proxies(database, contents); !done) return done.error();
  if (auto done = insert_traffic(database, contents); !done) return done.error();
  if (auto committed = transaction->commit(); !committed) return committed.error();
  return contents;
}

Outcome<Done> remove(Database& database, const Contents& contents) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  for (const auto& credential : contents.credentials) {
    if (auto done = clear_traffic(database, credential.owner()); !done) return done;
  }
  for (const auto& proxy : contents.proxies) {
    if (auto done = clear_traffic(database, proxy.id); !done) return done;
    if (auto done = proxies::remove(database, proxy.id); !done) return done;
  }
  for (const auto& dongle : contents.dongles) {
    if (auto done = dongles::remove(database, dongle.id); !done) return done;
  }
  for (const auto& user : contents.users) {
    if (auto done = users::remove(database, user.id); !done) return done;
  }
  return transaction->commit();
}

}  // namespace airlane::contents
