// Tells what happens to this host's interfaces, as it happens: the earliest sign that a dongle's
// connections are dead, about which TCP itself stays silent.
//
// Lives on the control loop's thread, which calls both callbacks from its own turn, never from
// inside `open`. Neither may destroy the Watch. Needs no capability.
//
// What `own` (the socket that is given to `install` and `remove`) changes is not reported, so that
// reacting to a change by calling install() cannot go round in circles. `own` must outlive the
// Watch.
//
// The kernel drops messages when we are too slow for it. Then `on_overrun` is called instead: look
// at everything (install() for every dongle), and compare with what was known before.
#pragma once

#include <memory>
#include <vector>

#include "base/callback.h"
#include "base/event/fd_event.h"
#include "base/event/loop.h"
#include "base/result.h"
#include "netlink/picture.h"
#include "netlink/rtnl_socket.h"

namespace airlane {

class Watch {
 public:
  using OnChange = Callback<void(const Change&)>;
  using OnOverrun = Callback<void()>;

  static Outcome<std::unique_ptr<Watch>> open(Loop& loop, RtnlSocket& own, OnChange on_change,
                                              OnOverrun on_overrun);
  Watch(Watch&&) = delete;  // The loop keeps `this`.

 private:
  enum class Turn : std::uint8_t { kDrained, kMore, kOverrun };

  Watch(Loop& loop, Handle<nl_sock, nl_socket_free> socket, RtnlSocket& own, OnChange on_change,
        OnOverrun on_overrun);

  Outcome<Done> look_around();
  void read();
  Turn read_once(std::vector<Change>& changes);

  RtnlSocket& own_;
  OnChange on_change_;
  OnOverrun on_overrun_;
  Picture picture_;
  std::vector<char> buffer_;
  Handle<nl_sock, nl_socket_free> socket_;
  FdEvent readable_;  // Goes before the socket that it watches.
};

}  // namespace airlane
