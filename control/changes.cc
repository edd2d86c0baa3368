#include "control/changes.h"

#include <utility>

namespace airlane {
namespace {

constexpr std::size_t kWaitingMost = 1024;

}  // namespace

Failure withdrawn() { return {Failure::Kind::kConflict, "The change was withdrawn."}; }

bool Changes::add(Change change) {
  if (waiting_.size() >= kWaitingMost) return false;
  waiting_.push_back(std::move(change));
  if (!running_) next_.start({});
  return true;
}

void Changes::begin() {
  if (running_ || waiting_.empty()) return;
  running_ = true;
  const auto change = std::move(waiting_.front());
  waiting_.pop_front();
  change([this] { end(); });
}

void Changes::end() {
  running_ = false;
  if (!waiting_.empty()) next_.start({});
}

}  // namespace airlane
