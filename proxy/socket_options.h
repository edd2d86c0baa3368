// What relayed TCP sockets are told. Options cost a system call each: what a listener is told, the
// sockets that it accepts inherit for nothing; what matters only to a connection that lives on, a
// target's socket is told when it has lived for a second.
#pragma once

#include <cstddef>
#include <optional>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

// No waiting for small writes (TCP_NODELAY).
Status send_at_once(int fd);

// An end to peers that have gone without saying so, while nothing is on its way to them: keep-alive
// after 30 s, 3 probes 10 s apart. And a bound to what waits unsent in the kernel for a slow peer,
// which would otherwise take megabytes (TCP_NOTSENT_LOWAT).
Status prepare_for_long(int fd);

// Whether the peer has not answered for 30 s though it was sent something again and again; to be
// asked now and then. TCP_USER_TIMEOUT would have the kernel find out, but that also ends a peer
// that answers and does not read: a video that is paused.
bool is_dead(int fd) noexcept;

// Fixed socket buffers, instead of the kernel's own tuning; 0 leaves that as it is. Before connect
// or listen, because the window is scaled then.
Status set_buffers(int fd, std::size_t bytes);
Status set_receive_buffer(int fd, std::size_t bytes);
Status set_send_buffer(int fd, std::size_t bytes);

// At most so much may wait to be read, if the kernel would let more; 0 leaves that as it is. The
// kernel does no longer tune it then.
void cap_receive_buffer(int fd, int bytes) noexcept;

// Where a socket is bound to.
std::optional<Address> own_address(int fd) noexcept;

// close(2) will reset the connection, so that the peer can tell a cut from an end.
void reset_on_close(int fd) noexcept;

}  // namespace airlane
