#include "control/top_targets.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "db/targets.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::seconds kWrite{60};
// Written at once: some milliseconds' worth.
constexpr std::size_t kPagesMost = 16;
constexpr auto kTargetsMost = std::size_t{2} * targets::kKeptMost;  // Unless one page has more.

std::function<Outcome<Done>(Database&)> adding(std::vector<TargetPage> pages) {
  return [pages = std::move(pages)](Database& database) -> Outcome<Done> {
    for (const auto& page : pages) {
      auto added = targets::add(database, page.proxy, page.day, page.summary, page.kept);
      if (!added) return added;
    }
    return Done{};
  };
}

}  // namespace

TopTargets::TopTargets(Loop& control, Store& store, TargetBook& book, const Options& options)
    : control_(control),
      store_(store),
      book_(book),
      options_(options),
      each_second_(control, Callback<void()>::to<&TopTargets::each_second>(*this)) {}

void TopTargets::start() {
  book_.stay();
  next_write_ = Monotonic::now() + kWrite;
  each_second_.start(kLook);
  look_for_files();
}

// What the disk refuses at this very moment, of a slice that was under way, is lost.
void TopTargets::stop() {
  each_second_.cancel();
  store_.flush();  // Slices that are under way; their answers do not come any more.
  auto rest = book_.take();
  rest.insert(rest.end(), pages_.begin() + static_cast<std::ptrdiff_t>(next_), pages_.end());
  next_ = 0;
  pages_.clear();
  if (rest.empty()) return;
  const auto outcome = store_.wait(adding(rest));
  note(outcome);
  if (outcome) return;
  for (const auto& page : rest) book_.put_back(page);
}

void TopTargets::look_for_files() {
  store_.write([folder = options_.folder](
                   Database& database) { return target_files::fold(database, folder); },
               [this](const Outcome<bool>& more) {
                 if (!more) return note(more.error());
                 if (*more) look_for_files();
               },
               control_);
}

void TopTargets::each_second() {
  each_second_.start(kLook);
  if (Monotonic::now() >= next_write_ || book_.is_half_full()) write();
}

// One at a time: when the disk is slow, they do not pile up behind it.
void TopTargets::write() {
  if (std::exchange(writing_, true)) return;
  next_write_ = Monotonic::now() + kWrite;
  pages_ = book_.take();
  next_ = 0;
  look_for_files();
  forget_old();
  write_slice();
}

void TopTargets::write_slice() {
  if (next_ == pages_.size()) {
    writing_ = false;
    pages_.clear();
    next_ = 0;
    return;
  }
  const auto from = next_;
  std::size_t count = 0;
  do {
    count += pages_[next_++].summary.size();
  } while (next_ < pages_.size() && next_ - from < kPagesMost && count < kTargetsMost);
  const auto at = [this](std::size_t i) { return pages_.begin() + static_cast<std::ptrdiff_t>(i); };
  store_.write(
      adding({at(from), at(next_)}),
      [this, from](const Outcome<Done>& outcome) { written(outcome, from); }, control_);
}

void TopTargets::written(const Outcome<Done>& outcome, std::size_t from) {
  note(outcome);
  if (!outcome) {
    for (auto i = from; i < pages_.size(); ++i) book_.put_back(pages_[i]);
    next_ = pages_.size();
  }
  write_slice();
}

void TopTargets::forget_old() {
  const auto first = day_of(wall_now()) - options_.keep.count();
  store_.write([first](Database& database) { return targets::forget_before(database, first); },
               [this](const Outcome<bool>& more) {
                 if (more && *more) forget_old();
               },
               control_);
}

void TopTargets::report(std::int64_t proxy, std::int64_t first, std::int64_t last,
                        const Then<TargetSummary>& then) {
  auto unwritten = book_.of(proxy, first, last);
  for (auto i = next_; i < pages_.size(); ++i) {
    const auto& page = pages_[i];
    if (page.proxy == proxy && page.day >= first && page.day <= last) unwritten.merge(page.summary);
  }
  store_.read(
      [=](Database& database) -> Outcome<TargetSummary> {
        auto all = targets::read(database, proxy, first, last);
        if (all) all->merge(unwritten);
        return all;
      },
      then, control_);
}

void TopTargets::forget(std::int64_t proxy, const Then<Done>& then) {
  book_.forget(proxy);
  for (auto i = next_; i < pages_.size(); ++i) {
    if (pages_[i].proxy == proxy) pages_[i].summary = {};
  }
  store_.write([proxy](Database& database) { return targets::forget(database, proxy); }, then,
               control_);
}

// One line when the disk begins to fail and one when it is well again.
void TopTargets::note(const Outcome<Done>& outcome) {
  if (failing_ == !outcome.has_value()) return;
  failing_ = !outcome.has_value();
  if (failing_) {
    log::error("Where bytes went stays in memory for now: " + outcome.error().text);
  } else {
    log::info("Where bytes went is written to the database again.");
  }
}

}  // namespace airlane
