// What a dongle's own thread may know about its way out: the latest, whenever it asks. Written on
// the control thread, read on any.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "proxy/world.h"

namespace airlane {

class ExitView {
 public:
  // `ready`: the kernel would carry a packet, whether customers' are wanted now or not.
  void set(std::shared_ptr<const Egress> egress, bool ready) {
    const std::lock_guard lock(mutex_);
    egress_ = std::move(egress);
    ready_ = ready;
  }
  [[nodiscard]] std::shared_ptr<const Egress> egress() const {
    const std::lock_guard lock(mutex_);
    return egress_;
  }
  [[nodiscard]] bool ready() const {
    const std::lock_guard lock(mutex_);
    return ready_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Egress> egress_;
  bool ready_ = false;
};

}  // namespace airlane
