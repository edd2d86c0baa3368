#include "control/modem/driver.h"

#include <condition_variable>
#include <mutex>

namespace airlane {

bool pause(const Stop& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace airlane
