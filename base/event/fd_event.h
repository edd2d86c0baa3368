// One libevent registration on one descriptor.
//
// Make it a member of the object that reacts, declared after the descriptor it watches: members
// are destroyed in reverse order, so the registration is gone before the descriptor is closed and
// before the object it calls back is freed. The descriptor is borrowed, never closed here.
#pragma once

#include <event2/event.h>

#include <new>

#include "base/callback.h"
#include "base/event/loop.h"

namespace airlane {

class FdEvent {
 public:
  enum class When : short { kReadable = EV_READ, kWritable = EV_WRITE };

  FdEvent(Loop& loop, int fd, When when, Callback<void()> on_ready)
      : on_ready_(on_ready),
        event_(event_new(loop.get(), fd, static_cast<short>(static_cast<int>(when) | EV_PERSIST),
                         fire, this)) {
    if (!event_) throw std::bad_alloc();
  }

  FdEvent(FdEvent&&) = delete;  // libevent keeps `this`; the address may not change.

  void arm() noexcept { event_add(event_.get(), nullptr); }
  void disarm() noexcept { event_del(event_.get()); }

 private:
  // noexcept on purpose: nothing may unwind through libevent's C frames.
  static void fire(evutil_socket_t, short, void* self) noexcept {
    static_cast<FdEvent*>(self)->on_ready_();
  }

  Callback<void()> on_ready_;
  Handle<event, event_free> event_;
};

}  // namespace airlane
