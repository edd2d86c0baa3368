// The owner of objects that come and go by themselves: connections, delayed answers.
//
// A member retires itself from inside its own callback; it is freed by the next turn of the loop,
// never while one of its methods runs. It must have disarmed its events before it retires. One
// loop, one thread.
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/event/timer.h"

namespace airlane::sim {

template <class T>
class Crowd {
 public:
  explicit Crowd(Loop& loop) : reap_(loop, Callback<void()>::to<&Crowd::reap>(*this)) {}

  T& add(std::unique_ptr<T> member) {
    T& added = *member;
    live_.emplace(&added, std::move(member));
    return added;
  }

  void retire(T& member) {
    auto node = live_.extract(&member);
    if (node.empty()) return;
    dead_.push_back(std::move(node.mapped()));
    reap_.start(std::chrono::microseconds(0));
  }

  // Not from a member's own callback.
  void clear() { live_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }

 private:
  void reap() { dead_.clear(); }

  std::unordered_map<T*, std::unique_ptr<T>> live_;
  std::vector<std::unique_ptr<T>> dead_;
  Timer reap_;
};

}  // namespace airlane::sim
