#include "control/usage.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <map>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "db/database.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kFoldInterval(1);
constexpr std::size_t kSlice = 1024;  // Rows folded at once: some milliseconds' worth.
// Between two steps of the aging, of some milliseconds each.
constexpr std::chrono::milliseconds kBetweenSteps(50);
constexpr std::int64_t kNobody = 0;  // Whose bytes those in a row without an owner are.

void raise(std::atomic<std::uint64_t>& counter, std::uint64_t least) {
  counter = std::max(counter.load(), least);
}

// Rows of nobody are folded too, or whoever gets the row next would be charged for them.
std::vector<FoldItem> all_items(CounterFile& counters,
                                const std::map<std::uint32_t, std::int64_t>& owners) {
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
  const auto owners = owners_of_rows(database);
  if (!owners) return owners.error();
  Folder folder;
  const auto items = all_items(counters, *owners);
  const auto folded = folder.fold(database, counters.epoch(), wall_now(), items);
  if (!folded) return folded.error();
  return Done{};
}

Failure cannot(const char* verb, const std::string& path, std::error_code error) {
  return {Failure::Kind::kUnavailable,
          std::string("Cannot ") + verb + " " + path + ": " + error.message() + "."};
}

Outcome<Done> rename_counters(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return Done{};
  return cannot("rename", from, {errno, std::system_category()});
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
  if (const auto error = sync_folder_of(path)) return cannot("write", path, error);
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

Usage::Usage(Loop& control, Store& store, CounterFile& counters, Rows rows, OldCounters old,
             Retention retention)
    : control_(control),
      store_(store),
      counters_(counters),
      old_(std::move(old)),
      rows_(std::move(rows)),
      folder_(std::make_shared<Folder>()),
      aging_(std::make_shared<Aging>(retention)),
      each_second_(control, Callback<void()>::to<&Usage::fold_each_second>(*this)),
      next_step_(control, Callback<void()>::to<&Usage::age>(*this)) {}

Outcome<Done> Usage::start() {
  each_second_.start(kFoldInterval);
  return Done{};
}

void Usage::stop() {
  each_second_.cancel();
  next_step_.cancel();
  to_fold_ = rows_();
  const auto outcome = store_.wait(folding(0, to_fold_.size()));
  if (!outcome) {
    log::error("The last traffic is in the counter file only, for the next start to fold: " +
               outcome.error().text);
  } else {
    old_.remove_ended(store_);
  }
}

// Reads the counters now; the rest happens on the database's thread, after every fold of counters
// that were read before. What a disk keeps from being folded is in it, too.
Usage::Sums Usage::sums(std::span<const Span> spans) {
  struct Part {
    Span span;
    std::uint64_t counters = 0;
    std::vector<OldCounters::Batch> batches;
  };
  std::map<std::int64_t, std::vector<FoldItem>> items;
  for (const auto& span : spans) items[span.owner];
  for (const auto& counted : rows_()) {
    const auto found = items.find(counted.owner);
    if (found != items.end()) add_row(counters_, counted.row, counted.owner, found->second);
  }
  std::vector<Part> parts;
  for (const auto& span : spans) {
    auto& part = parts.emplace_back(Part{span, 0, old_.read_of(span.owner)});
    for (const auto& item : items[span.owner]) {
      part.counters += item.incoming_total + item.outgoing_total;
    }
    part.batches.push_back({counters_.epoch(), folder_, items[span.owner]});
  }
  return [parts = std::move(parts),
          now = wall_now()](Database& database) -> Outcome<std::vector<Moved>> {
    std::vector<Moved> sums;
    for (const auto& [span, counters, batches] : parts) {
      Traffic unfolded;
      for (const auto& batch : batches) {
        const auto more = batch.folder->unfolded(database, batch.epoch, batch.items);
        if (!more) return more.error();
        unfolded += *more;
      }
      const auto sum = traffic::sum(database, span.owner, span.from, span.till, now, unfolded);
      if (!sum) return sum.error();
      sums.push_back({*sum, counters});
    }
    return sums;
  };
}

// Till after the end: a clock that was set back must not hide what was used.
Usage::Sums Usage::sums(std::span<const Quotas::Question> questions) {
  std::vector<Span> spans;
  for (const auto& question : questions) {
    spans.push_back({question.owner, question.from, wall_now() + std::chrono::days(1)});
  }
  return sums(spans);
}

void Usage::report(std::int64_t owner, WallSeconds from, WallSeconds till,
                   std::function<void(Outcome<Sum>)> then) {
  const Span span{owner, from, till};
  store_.read(
      sums({&span, 1}),
      [then = std::move(then)](const Outcome<std::vector<Moved>>& sums) {
        if (!sums) return then(sums.error());
        then(Sum{sums->front().bytes.incoming, sums->front().bytes.outgoing});
      },
      control_);
}

void Usage::used(std::span<const Quotas::Question> questions,
                 std::function<void(Outcome<Quotas::Answers>)> then) {
  store_.read(
      sums(questions),
      [then = std::move(then)](const Outcome<std::vector<Moved>>& sums) { then(answers(sums)); },
      control_);
}

Outcome<Quotas::Answers> Usage::used_now(std::span<const Quotas::Question> questions) {
  return answers(store_.wait(sums(questions)));
}

Outcome<Quotas::Answers> Usage::answers(const Outcome<std::vector<Moved>>& sums) {
  if (!sums) return sums.error();
  Quotas::Answers answers;
  for (const auto& [bytes, counters] : *sums) {
    answers.push_back({bytes.incoming + bytes.outgoing, counters});
  }
  return answers;
}

std::uint64_t Usage::counters(std::uint32_t row) const {
  std::uint64_t total = 0;
  for (const auto& slot : counters_.row(row)) {
    total += slot.incoming.load(std::memory_order_relaxed) +
             slot.outgoing.load(std::memory_order_relaxed);
  }
  return total;
}

void Usage::fold_each_second() {
  each_second_.start(kFoldInterval);
  age();
  // One at a time: when the disk is slow, folds do not pile up behind it.
  if (std::exchange(folding_, true)) return;
  to_fold_ = rows_();
  fold_slice(0);
}

void Usage::fold_slice(std::size_t from) {
  const auto till = std::min(from + kSlice, to_fold_.size());
  store_.write(
      folding(from, till), [this, till](const Folded& outcome) { folded(outcome, till); },
      control_);
}

void Usage::folded(const Folded& outcome, std::size_t next) {
  if (outcome && next < to_fold_.size()) return fold_slice(next);
  folding_ = false;
  note(outcome);
  if (outcome) old_.remove_ended(store_);
}

void Usage::note(const Folded& outcome) {
  if (failing_ == !outcome.has_value()) return;
  failing_ = !outcome.has_value();
  if (failing_) {
    log::error("Traffic stays in the counter file for now: " + outcome.error().text);
  } else {
    log::info("Traffic is written to the database again.");
  }
}

// Reads the counters now; the rest happens on the database's thread. The files of earlier processes
// come with the first slice.
std::function<Usage::Folded(Database&)> Usage::folding(std::size_t from, std::size_t till) {
  std::vector<FoldItem> items;
  for (auto i = from; i < till; ++i) {
    add_row(counters_, to_fold_[i].row, to_fold_[i].owner, items);
  }
  return [folder = folder_, epoch = counters_.epoch(), now = wall_now(), items = std::move(items),
          old = from == 0 ? old_.read()
                          : std::vector<OldCounters::Batch>()](Database& database) -> Folded {
    for (const auto& batch : old) {
      const auto folded = batch.folder->fold(database, batch.epoch, now, batch.items);
      if (!folded) return folded.error();
    }
    return folder->fold(database, epoch, now, items);
  };
}

// Step by step until there is nothing left to do; then the next second looks again.
void Usage::age() {
  if (std::exchange(aging_runs_, true)) return;
  const auto step = [aging = aging_, now = wall_now()](Database& database) {
    return aging->step(database, now);
  };
  store_.write(
      step,
      [this](const Outcome<bool>& more) {
        aging_runs_ = false;
        if (aging_fails_ != !more.has_value()) {
          aging_fails_ = !more.has_value();
          if (aging_fails_) log::error("Old traffic stays as it is: " + more.error().text);
        }
        if (more && *more) next_step_.start(kBetweenSteps);
      },
      control_);
}

}  // namespace airlane
