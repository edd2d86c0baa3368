#include "db/fold.h"

#include <algorithm>
#include <limits>

#include "db/database.h"
#include "db/transaction.h"

namespace airlane {
namespace {

constexpr std::uint64_t kMostBytes = std::numeric_limits<std::int64_t>::max();

std::int64_t stored(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

std::uint64_t key_of(std::uint32_t row, std::uint32_t worker) {
  return std::uint64_t{row} << 32 | worker;
}

Traffic total_of(const FoldItem& item) {
  return {std::min(item.incoming_total, kMostBytes), std::min(item.outgoing_total, kMostBytes)};
}

Traffic higher(const Traffic& a, const Traffic& b) {
  return {std::max(a.incoming, b.incoming), std::max(a.outgoing, b.outgoing)};
}

// What `total`, which is at least as high, has beyond what was folded.
Traffic new_in(const Traffic& total, const Traffic& folded) {
  return {total.incoming - folded.incoming, total.outgoing - folded.outgoing};
}

FoldedTotals read(const Statement& row) {
  return {row.number<std::uint32_t>(0), row.number<std::uint32_t>(1), row.number<std::uint64_t>(2),
          row.number<std::uint64_t>(3)};
}

Outcome<Done> store_total(Database& database, std::uint64_t epoch, const FoldItem& item,
                          const Traffic& total) {
  return database.execute(
      "INSERT INTO folded VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (epoch, row, worker) "
      "DO UPDATE SET incoming = excluded.incoming, outgoing = excluded.outgoing",
      stored(epoch), item.row, item.worker, stored(total.incoming), stored(total.outgoing));
}

Outcome<Done> add_to_minute(Database& database, std::int64_t owner, WallSeconds now,
                            const Traffic& more) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  return database.execute(
      "INSERT INTO traffic_recent VALUES (?1, ?2, ?3, ?4) ON CONFLICT (minute, owner) DO UPDATE "
      "SET incoming = min(incoming, 9223372036854775807 - excluded.incoming) + excluded.incoming, "
      "outgoing = min(outgoing, 9223372036854775807 - excluded.outgoing) + excluded.outgoing",
      static_cast<std::int64_t>(minute), owner, stored(more.incoming), stored(more.outgoing));
}

}  // namespace

Outcome<std::vector<FoldedTotals>> folded_totals(Database& database, std::uint64_t epoch) {
  return database.select<FoldedTotals>(
      "SELECT row, worker, incoming, outgoing FROM folded WHERE epoch = ?1 ORDER BY row, worker",
      read, stored(epoch));
}

Outcome<Done> forget_other_epochs(Database& database, std::span<const std::uint64_t> keep) {
  const auto known = database.select<std::uint64_t>(
      "SELECT DISTINCT epoch FROM folded",
      [](const Statement& row) { return row.number<std::uint64_t>(0); });
  if (!known) return known.error();
  for (const auto epoch : *known) {
    if (std::find(keep.begin(), keep.end(), epoch) != keep.end()) continue;
    if (auto done = forget_epoch(database, epoch); !done) return done;
  }
  return Done{};
}

Outcome<Done> forget_epoch(Database& database, std::uint64_t epoch) {
  return database.execute("DELETE FROM folded WHERE epoch = ?1", stored(epoch));
}

Outcome<std::vector<FoldedTotals>> Folder::fold(Database& database, std::uint64_t epoch,
                                                WallSeconds now, std::span<const FoldItem> items) {
  if (auto known = remember(database, epoch); !known) return known.error();
  std::vector<FoldItem> changed;
  std::vector<FoldedTotals> behind;
  for (const auto& item : items) {
    const auto found = totals_.find(key_of(item.row, item.worker));
    const Traffic folded = found == totals_.end() ? Traffic{} : found->second;
    const Traffic total = total_of(item);
    const Traffic most = higher(total, folded);
    if (most != folded) changed.push_back(item);
    if (most != total) behind.push_back({item.row, item.worker, most.incoming, most.outgoing});
  }
  if (!changed.empty()) {
    if (auto done = fold_changed(database, now, changed); !done) return done.error();
  }
  return behind;
}

Outcome<Traffic> Folder::unfolded(Database& database, std::uint64_t epoch,
                                  std::span<const FoldItem> items) {
  if (auto known = remember(database, epoch); !known) return known.error();
  Traffic all;
  for (const auto& item : items) {
    const auto found = totals_.find(key_of(item.row, item.worker));
    const Traffic folded = found == totals_.end() ? Traffic{} : found->second;
    all += new_in(higher(total_of(item), folded), folded);
  }
  return all;
}

Outcome<Done> Folder::remember(Database& database, std::uint64_t epoch) {
  if (epoch_ == epoch && rollbacks_ == database.rollbacks()) return Done{};
  const auto totals = folded_totals(database, epoch);
  if (!totals) return totals.error();
  totals_.clear();
  for (const auto& slot : *totals) {
    totals_[key_of(slot.row, slot.worker)] = {slot.incoming, slot.outgoing};
  }
  epoch_ = epoch;
  rollbacks_ = database.rollbacks();
  return Done{};
}

// Remembers new totals before they are committed: should that fail, here or in an outer
// transaction, the database counts a rollback and remember() forgets them.
Outcome<Done> Folder::fold_changed(Database& database, WallSeconds now,
                                   std::span<const FoldItem> changed) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  std::map<std::int64_t, Traffic> more_of;  // By owner: its workers share a row of a minute.
  for (const auto& item : changed) {
    auto& folded = totals_[key_of(item.row, item.worker)];
    const Traffic total = higher(total_of(item), folded);
    more_of[item.owner] += new_in(total, folded);
    folded = total;
    if (auto done = store_total(database, epoch_, item, total); !done) return done;
  }
  for (const auto& [owner, more] : more_of) {
    if (auto done = add_to_minute(database, owner, now, more); !done) return done;
  }
  return transaction->commit();
}

}  // namespace airlane
