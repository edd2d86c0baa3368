// One change of the farm at a time. A change is checked against what is true when its turn comes
// and runs until its transaction has ended, so no two of them can contradict each other.
//
// A member of the farm, control thread only. A change starts on a later turn of the loop than the
// call that asked for it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "base/event/loop.h"
#include "base/event/timer.h"

namespace airlane {

class Changes {
 public:
  using Finish = std::function<void()>;  // To be called once, when the change has ended.
  using Change = std::function<void(Finish)>;

  explicit Changes(Loop& loop) : next_(loop, Callback<void()>::to<&Changes::begin>(*this)) {}

  // False when too many are waiting already; then it is not run.
  bool add(Change change);

 private:
  void begin();
  void end();

  std::deque<Change> waiting_;
  bool running_ = false;
  Timer next_;
};

}  // namespace airlane
