#include "control/target_book.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "base/log.h"

namespace airlane {
namespace {

constexpr std::chrono::milliseconds kLookInUse{100};
constexpr std::chrono::seconds kLookUnused{1};
constexpr std::chrono::seconds kIntoFile{60};

}  // namespace

TargetBook::TargetBook(Loop& control, const Options& options)
    : options_(options),
      reports_(options.workers, options.queue),
      look_(control, Callback<void()>::to<&TargetBook::look>(*this)),
      into_file_(control, Callback<void()>::to<&TargetBook::write_file>(*this)) {
  look_.start(kLookUnused);
}

void TargetBook::look() {
  look_.start(reports_.in_use() ? kLookInUse : kLookUnused);
  collect();
}

void TargetBook::collect() {
  reports_.drain([this](const TargetRecord& record) { add(record); });
}

void TargetBook::add(const TargetRecord& record) {
  auto& page = page_of(record.proxy, record.day, record.kept);
  const TargetSum sum{record.incoming, record.outgoing, record.connections};
  const TargetName name{std::string(record.host.view()), record.port};
  const auto before = page.summary.size();
  const bool is_full = targets_ >= options_.most && !page.summary.entries().contains(name);
  if (name.host.empty() || is_full) return page.summary.add_other(sum);
  page.summary.add(name, sum);
  // Not each time that one is too many.
  if (page.summary.size() > std::size_t{2} * page.kept) page.summary.trim(page.kept);
  targets_ += page.summary.size();
  targets_ -= before;
}

TargetPage& TargetBook::page_of(std::int64_t proxy, std::int64_t day, std::uint32_t kept) {
  auto& page = pages_[{proxy, day}];
  page.proxy = proxy;
  page.day = day;
  page.kept = kept;
  return page;
}

std::vector<TargetPage> TargetBook::take() {
  collect();
  std::vector<TargetPage> all;
  for (auto& [of, page] : pages_) all.push_back(std::move(page));
  pages_.clear();
  targets_ = 0;
  return all;
}

void TargetBook::put_back(const TargetPage& page) {
  auto& here = page_of(page.proxy, page.day, page.kept);
  targets_ -= here.summary.size();
  here.summary.merge(page.summary);
  here.summary.trim(page.kept);
  targets_ += here.summary.size();
}

TargetSummary TargetBook::of(std::int64_t proxy, std::int64_t first, std::int64_t last) {
  collect();
  TargetSummary all;
  const auto end = pages_.upper_bound({proxy, last});
  for (auto page = pages_.lower_bound({proxy, first}); page != end; ++page) {
    all.merge(page->second.summary);
  }
  return all;
}

void TargetBook::forget(std::int64_t proxy) {
  collect();
  std::erase_if(pages_, [&](const auto& item) {
    if (item.first.first != proxy) return false;
    targets_ -= item.second.summary.size();
    return true;
  });
}

void TargetBook::leave() { into_file_.start(kIntoFile); }

void TargetBook::end() {
  reports_.drain_all([this](const TargetRecord& record) { add(record); });
  look_.cancel();
  into_file_.cancel();
  write_pages(take());
}

void TargetBook::write_file() {
  into_file_.start(kIntoFile);
  write_pages(take());
}

void TargetBook::write_pages(const std::vector<TargetPage>& pages) {
  std::span<const TargetPage> left(pages);
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), target_files::kPagesMost));
    if (const auto written = target_files::write(options_.folder, some); !written) {
      log::error("Where the last bytes went is kept for now: " + written.error().text);
      for (const auto& page : left) put_back(page);
      return;
    }
    left = left.subspan(some.size());
  }
}

}  // namespace airlane
