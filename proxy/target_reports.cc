#include "proxy/target_reports.h"

#include <algorithm>

namespace airlane {

TargetReports::TargetReports(unsigned workers, std::size_t queue) : queue_(queue) {
  for (unsigned i = 0; i < workers; ++i) lanes_.push_back(std::make_unique<Lane>());
}

void TargetReports::add(unsigned worker, const TargetRecord& record) {
  auto& lane = *lanes_[worker];
  if (!lane.memory) {
    lane.memory = std::make_unique<Ring>(queue_);
    lane.ring.store(lane.memory.get(), std::memory_order_release);
  }
  if (!lane.late.empty()) flush(lane);
  if (put(lane, record)) return;
  // Its only writer: a plain add.
  lane.crowded_out.store(lane.crowded_out.load(std::memory_order_relaxed) + 1,
                         std::memory_order_relaxed);
  auto& late = lane.late[{record.proxy, record.day}];
  late.proxy = record.proxy;
  late.day = record.day;
  late.kept = record.kept;
  late.connections += record.connections;
  late.incoming += record.incoming;
  late.outgoing += record.outgoing;
}

bool TargetReports::put(Lane& lane, const TargetRecord& record) noexcept {
  auto* const slot = lane.memory->slot();
  if (slot == nullptr) return false;
  *slot = record;
  lane.memory->commit();
  return true;
}

void TargetReports::flush(Lane& lane) {
  std::erase_if(lane.late, [&](const auto& item) { return put(lane, item.second); });
}

bool TargetReports::in_use() const noexcept {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) {
    return lane->ring.load(std::memory_order_relaxed) != nullptr;
  });
}

std::uint64_t TargetReports::crowded_out() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->crowded_out.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace airlane
