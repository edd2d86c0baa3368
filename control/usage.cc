#include "control/usage.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <map>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "db/database.h"
#include "db/proxies.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kFoldInterval(1);
constexpr std::int64_t kNobody = 0;  // Whose bytes those in a row without a proxy are.

void raise(std::atomic<std::uint64_t>& counter, std::uint64_t least) {
  counter = std::max(counter.load(), least);
}

// Rows of no proxy are folded too, or whoever gets the row next would be charged for them.
std::vector<FoldItem> all_items(CounterFile& counters, const std::vector<ProxyRecord>& proxies) {
  std::map<std::uint32_t, std::int64_t> owners;
  for (const auto& proxy : proxies) owners[proxy.counter_row] = proxy.id;
  std::vector<FoldItem> items;
  for (std::uint32_t row = 0; row < counters.shape().rows; ++row) {
    const auto owner = owners.find(row);
    add_row(counters, row, owner == owners.end() ? kNobody : owner->second, items);
  }
  return items;
}

Outcome<Done> catch_up(Database& database, CounterFile& counters) {
  const auto known = folded_totals(database, counters.epoch());
  if (!known) return known.error();
  for (const auto& totals : *known) {
    if (totals.row >= counters.shape().rows || totals.worker >= counters.shape().workers) continue;
    auto& slot = counters.slot(totals.row, totals.worker);
    raise(slot.incoming, totals.incoming);
    raise(slot.outgoing, totals.outgoing);
  }
  const auto proxies = proxies::all(database);
  if (!proxies) return proxies.error();
  Folder folder;
  const auto items = all_items(counters, *proxies);
  const auto folded = folder.fold(database, counters.epoch(), wall_now(), items);
  if (!folded) return folded.error();
  return Done{};
}

Outcome<Done> rename_counters(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return Done{};
  return Failure{Failure::Kind::kUnavailable,
                 "Cannot rename " + from + ": " + std::system_category().message(errno) + "."};
}

}  // namespace

Outcome<CounterFile> Usage::open_counters(const std::string& path, CounterFile::Shape shape,
                                          Store& store) {
  auto counters = CounterFile::open(path);
  const bool missing = !counters && counters.error().kind == Failure::Kind::kNotFound;
  if (!counters && !missing) return counters;
  if (counters && counters->lock()) {
    const auto caught_up =
        store.wait([&](Database& database) { return catch_up(database, *counters); });
    if (!caught_up) return caught_up.error();
    if (counters->shape() == shape) return counters;
    log::info("The counter file gets another shape; what it held is in the database.");
  } else if (counters) {  // Of the process that hands over to us, which goes on counting in it.
    if (auto aside = rename_counters(path, OldCounters::name(path, counters->epoch())); !aside) {
      return aside.error();
    }
  }
  auto made = CounterFile::create(path, shape);
  if (!made) return made;
  sync_folder_of(path);
  auto keep = OldCounters::epochs(path);
  keep.push_back(made->epoch());
  const auto forgotten =
      store.wait([&](Database& database) { return forget_other_epochs(database, keep); });
  if (!forgotten) return forgotten.error();
  return made;
}

Outcome<Done> Usage::reclaim_counters(const std::string& path, const CounterFile& mine) {
  const auto others = CounterFile::open(path);
  if (others && others->epoch() == mine.epoch()) return Done{};
  if (others) {
    if (auto aside = rename_counters(path, OldCounters::name(path, others->epoch())); !aside) {
      return aside;
    }
  }
  return rename_counters(OldCounters::name(path, mine.epoch()), path);
}

Usage::Usage(Loop& control, Store& store, CounterFile& counters, Rows rows, OldCounters old)
    : control_(control),
      store_(store),
      counters_(counters),
      old_(std::move(old)),
      rows_(std::move(rows)),
      folder_(std::make_shared<Folder>()),
      each_second_(control, Callback<void()>::to<&Usage::fold_each_second>(*this)) {}

Outcome<Done> Usage::start() {
  each_second_.start(kFoldInterval);
  return Done{};
}

void Usage::stop() {
  each_second_.cancel();
  const auto outcome = store_.wait(folding());
  if (!outcome) {
    log::error("The last traffic is in the counter file only, for the next start to fold: " +
               outcome.error().text);
  } else {
    old_.remove_ended(store_);
  }
}

void Usage::report(std::int64_t proxy, WallSeconds from, WallSeconds till,
                   std::function<void(Outcome<Sum>)> then) {
  const auto sum = [proxy, from, till](Database& database) {
    return traffic::sum(database, proxy, from, till, wall_now());
  };
  const auto answer = [then = std::move(then)](Outcome<Traffic> traffic) {
    if (!traffic) return then(traffic.error());
    then(Sum{traffic->incoming, traffic->outgoing});
  };
  // Also after a fold that failed: what the database has is better than nothing.
  waiters_.push_back([this, sum, answer] { store_.read(sum, answer, control_); });
  fold();
}

void Usage::fold_each_second() {
  each_second_.start(kFoldInterval);
  fold();
}

// One at a time: when the disk is slow, folds do not pile up behind it.
void Usage::fold() {
  if (std::exchange(folding_, true)) return;
  auto done = [this, waiters = std::exchange(waiters_, {})](const Folded& outcome) {
    folded(outcome, waiters);
  };
  store_.write(folding(), std::move(done), control_);
}

void Usage::folded(const Folded& outcome, const std::vector<Waiter>& waiters) {
  folding_ = false;
  if (failing_ != !outcome.has_value()) {
    failing_ = !outcome.has_value();
    if (failing_) {
      log::error("Traffic stays in the counter file for now: " + outcome.error().text);
    } else {
      log::info("Traffic is written to the database again.");
    }
  }
  if (outcome) old_.remove_ended(store_);
  for (const auto& waiter : waiters) waiter();
  if (!waiters_.empty()) fold();
}

// Reads the counters now; the rest happens on the database's thread.
std::function<Usage::Folded(Database&)> Usage::folding() {
  std::vector<FoldItem> items;
  for (const auto& counted : rows_()) add_row(counters_, counted.row, counted.proxy, items);
  return [folder = folder_, epoch = counters_.epoch(), now = wall_now(), items = std::move(items),
          old = old_.read()](Database& database) -> Folded {
    for (const auto& batch : old) {
      const auto folded = batch.folder->fold(database, batch.epoch, now, batch.items);
      if (!folded) return folded;
    }
    return folder->fold(database, epoch, now, items);
  };
}

}  // namespace airlane
