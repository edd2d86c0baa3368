// Says in the log which clients were blocked for guessing passwords: a line for each block, and one
// line for all that were too many to be named. Looks once a second, so that no worker ever writes.
//
// Owned by the control plane; control thread only.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "proxy/block_reports.h"
#include "proxy/guard.h"

namespace airlane {

class GuardLog {
 public:
  using Take = std::function<BlockReports::News()>;

  GuardLog(Loop& loop, const GuardRules& rules, Take take);
  GuardLog(GuardLog&&) = delete;

 private:
  void look();

  const GuardRules rules_;
  const Take take_;
  Timer every_second_;
};

// For tests: the line about one of them.
std::string line_about(const Block& block, const GuardRules& rules);

}  // namespace airlane
