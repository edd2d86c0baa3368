#include "db/target_summary.h"

#include <algorithm>
#include <limits>

namespace airlane {
namespace {

// Stops where the database does.
std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return a > kMost - std::min(b, kMost) ? kMost : a + b;
}

}  // namespace

TargetSum& TargetSum::operator+=(const TargetSum& more) noexcept {
  incoming = sum_of(incoming, more.incoming);
  outgoing = sum_of(outgoing, more.outgoing);
  connections = sum_of(connections, more.connections);
  return *this;
}

void TargetSummary::add(const TargetName& name, const TargetSum& sum) {
  auto& entry = entries_.try_emplace(name, Entry{{}, floor_}).first->second;
  entry.sum += sum;
  entry.weight = sum_of(entry.weight, sum.bytes());
}

void TargetSummary::merge(const TargetSummary& more) {
  // Whoever is known on one side only may have lost as much on the other as anybody there.
  for (auto& [name, entry] : entries_) {
    if (!more.entries_.contains(name)) entry.weight = sum_of(entry.weight, more.floor_);
  }
  for (const auto& [name, theirs] : more.entries_) {
    auto& entry = entries_.try_emplace(name, Entry{{}, floor_}).first->second;
    entry.sum += theirs.sum;
    entry.weight = sum_of(entry.weight, theirs.weight);
  }
  other_ += more.other_;
  floor_ = sum_of(floor_, more.floor_);
}

void TargetSummary::trim(std::size_t most) {
  if (entries_.size() <= most) return;
  std::vector<Entries::const_iterator> all;
  for (auto entry = entries_.cbegin(); entry != entries_.cend(); ++entry) all.push_back(entry);
  const auto first_to_go = all.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(all.begin(), first_to_go, all.end(), [](const auto& a, const auto& b) {
    if (a->second.weight != b->second.weight) return a->second.weight > b->second.weight;
    return a->first < b->first;
  });
  for (auto entry = first_to_go; entry != all.end(); ++entry) {
    other_ += (*entry)->second.sum;
    floor_ = std::max(floor_, (*entry)->second.weight);
    entries_.erase(*entry);
  }
}

std::vector<TargetSummary::Top> TargetSummary::top(std::size_t most) const {
  std::vector<Top> all;
  for (const auto& [name, entry] : entries_) all.push_back({name, entry.sum});
  const auto count = std::min(most, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                    [](const Top& a, const Top& b) {
                      if (a.sum.bytes() != b.sum.bytes()) return a.sum.bytes() > b.sum.bytes();
                      return a.name < b.name;
                    });
  all.resize(count);
  return all;
}

}  // namespace airlane
