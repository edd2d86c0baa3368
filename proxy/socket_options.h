// What every relayed TCP socket is told, at both ends: no waiting for small writes, and an end to
// peers that have gone without saying so. Set on a listener, accepted sockets inherit it.
#pragma once

#include "base/result.h"

namespace airlane {

// TCP_NODELAY; keep-alive 30 s, then 3 probes 10 s apart; unacknowledged data gives up after 30 s.
Status set_tunnel_options(int fd);

// close(2) will reset the connection, so that the peer can tell a cut from an end.
void reset_on_close(int fd) noexcept;

}  // namespace airlane
