// The alarms of a reactor: a binary heap ordered by the time at which to look at an alarm, which is
// never later than the time at which it is due.
#include "base/event/alarm.h"

#include <algorithm>
#include <utility>

namespace airlane {

Alarm::~Alarm() {
  if (index_ != kNowhere) reactor_.take_out(index_);
}

void Alarm::start(std::chrono::nanoseconds delay) {
  // Not in the round of alarms that may just be running.
  due_ = reactor_.now_ + std::max(delay, std::chrono::nanoseconds(1));
  auto& heap = reactor_.heap_;
  if (index_ == kNowhere) {
    heap.push_back({});
    reactor_.move_up(heap.size() - 1, {due_, this});
  } else if (due_ < heap[index_].when) {
    reactor_.move_up(index_, {due_, this});
  }
}

void Reactor::call_alarms() {
  while (!heap_.empty() && heap_.front().when <= now_) {
    auto& alarm = *heap_.front().alarm;
    if (alarm.due_ > now_ && alarm.due_ != Alarm::kNever) {
      move_down(0, {alarm.due_, &alarm});
      continue;
    }
    take_out(0);
    if (std::exchange(alarm.due_, Alarm::kNever) != Alarm::kNever) alarm.on_time_();
  }
}

void Reactor::place(std::size_t index, Due due) noexcept {
  heap_[index] = due;
  due.alarm->index_ = static_cast<std::uint32_t>(index);
}

void Reactor::move_up(std::size_t index, Due due) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent].when <= due.when) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, due);
}

void Reactor::move_down(std::size_t index, Due due) noexcept {
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
    if (due.when <= heap_[child].when) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, due);
}

void Reactor::take_out(std::size_t index) noexcept {
  heap_[index].alarm->index_ = Alarm::kNowhere;
  const Due last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  move_down(index, last);
  move_up(last.alarm->index_, last);
}

}  // namespace airlane
