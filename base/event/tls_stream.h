// TLS for evhttp: streams that libevent moves the bytes of and OpenSSL reads and writes. The loop's
// thread only.
#pragma once

#include <event2/bufferevent.h>

#include <memory>

#include "base/tls/server_context.h"

namespace airlane {

// The server's end of a connection that has no socket yet; evhttp gives it one. It closes that
// socket when it is freed.
bufferevent* new_tls_stream(event_base* base,
                            const std::shared_ptr<const TlsServerContext>& certificates);
bool is_tls(bufferevent* stream) noexcept;
// Tells the client that this is the end and no cut, as far as that needs no waiting.
void end_tls(bufferevent* stream) noexcept;

}  // namespace airlane
