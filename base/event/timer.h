// A time-out on a loop: one shot, restarted or cancelled at will, cancelled by destruction. After a
// delay of zero it fires in the same turn of the loop, but never inside the call that started it.
#pragma once

#include <event2/event.h>

#include <chrono>
#include <new>

#include "base/callback.h"
#include "base/event/loop.h"

namespace airlane {

class Timer {
 public:
  Timer(Loop& loop, Callback<void()> on_time)
      : on_time_(on_time), event_(event_new(loop.get(), -1, 0, fire, this)) {
    if (!event_) throw std::bad_alloc();
  }

  Timer(Timer&&) = delete;  // libevent keeps `this`; the address may not change.

  // Replaces a time-out that is already running.
  void start(std::chrono::microseconds delay) noexcept {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
    const timeval after{static_cast<time_t>(seconds.count()),
                        static_cast<suseconds_t>((delay - seconds).count())};
    event_add(event_.get(), &after);
  }
  void cancel() noexcept { event_del(event_.get()); }

 private:
  static void fire(evutil_socket_t, short, void* self) noexcept {
    static_cast<Timer*>(self)->on_time_();
  }

  Callback<void()> on_time_;
  Handle<event, event_free> event_;
};

}  // namespace airlane
