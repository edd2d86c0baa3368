// Tells the supervisor how this process is doing: sd_notify(3), the protocol of systemd, which is
// one datagram to the socket that $NOTIFY_SOCKET names.
//
// Any thread. Where nobody listens nothing happens, and nobody who waits for it is hurt more than
// by a failure here: it is not reported.
#pragma once

#include <string_view>

namespace airlane {

void notify(std::string_view state);  // "READY=1", "MAINPID=4711"; lines.

}  // namespace airlane
