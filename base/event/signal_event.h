// A POSIX signal, delivered as an event on a loop. Only one loop of a process may watch signals.
#pragma once

#include <event2/event.h>

#include <new>

#include "base/callback.h"
#include "base/event/loop.h"

namespace airlane {

class SignalEvent {
 public:
  SignalEvent(Loop& loop, int signal, Callback<void()> on_signal)
      : on_signal_(on_signal),
        event_(event_new(loop.get(), signal, EV_SIGNAL | EV_PERSIST, fire, this)) {
    if (!event_) throw std::bad_alloc();
    event_add(event_.get(), nullptr);
  }

  SignalEvent(SignalEvent&&) = delete;  // libevent keeps `this`; the address may not change.

 private:
  static void fire(evutil_socket_t, short, void* self) noexcept {
    static_cast<SignalEvent*>(self)->on_signal_();
  }

  Callback<void()> on_signal_;
  Handle<event, event_free> event_;
};

}  // namespace airlane
