// One descriptor watched by a Reactor. The descriptor is borrowed and never closed here.
#pragma once

#include "base/callback.h"
#include "base/event/reactor.h"
#include "base/event/readiness.h"
#include "base/result.h"

namespace airlane {

class Watch {
 public:
  enum class For : std::uint8_t {
    kChanges,  // Once for every change in either direction: do your I/O until it would block.
    kReading,  // As long as there is something to read (or to accept).
    kWriting,  // As long as there is room to write.
    kBoth,
  };

  Watch(Reactor& reactor, Callback<void(Readiness)> on_ready)
      : reactor_(reactor), on_ready_(on_ready) {}
  Watch(Watch&&) = delete;  // The kernel keeps `this`.
  ~Watch() { remove(); }

  // kSystem when the kernel cannot (ENOMEM, max_user_watches).
  Status add(int fd, For what);
  void change(For what) noexcept;  // Of what was added.
  void remove() noexcept;
  // Instead of remove(), right before close(2) of a descriptor that nobody else has a copy of:
  // closing it takes the registration along, without a system call of its own.
  void closing() noexcept;

  [[nodiscard]] bool active() const noexcept { return fd_ >= 0; }

 private:
  friend class Reactor;

  Reactor& reactor_;
  Callback<void(Readiness)> on_ready_;
  int fd_ = -1;
};

}  // namespace airlane
