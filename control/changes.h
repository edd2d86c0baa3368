// One change at a time. A change is checked against what is true when its turn comes
// and runs until its transaction has ended, so no two of them can contradict each other.
//
// A member of whoever has the records, control thread only. A change starts on a later turn of the
// loop than the call that asked for it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"

namespace airlane {

// What becomes of a record, asked when the turn of its change has come: so it is the latest one,
// and nobody's change of another field is undone. False: it stays as it is after all, and whoever
// said so knows why.
template <class T>
using Edit = std::function<bool(T&)>;
template <class T>
using Consent = std::function<bool(const T&)>;  // The same for a record that is to be removed.
Failure withdrawn();

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
