#include "base/event/tls_stream.h"

#include <event2/bufferevent_ssl.h>

#include <new>

#include "base/tls/connection.h"

namespace airlane {

bufferevent* new_tls_stream(event_base* base,
                            const std::shared_ptr<const TlsServerContext>& certificates) {
  auto session = TlsConnection::session(certificates);
  bufferevent* const stream = bufferevent_openssl_socket_new(
      base, -1, session.get(), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
  // evhttp would take null for leave to speak in the clear.
  if (!stream) throw std::bad_alloc();
  (void)session.release();  // The stream's.
  return stream;
}

bool is_tls(bufferevent* stream) noexcept { return bufferevent_openssl_get_ssl(stream) != nullptr; }

void end_tls(bufferevent* stream) noexcept {
  if (auto* const session = bufferevent_openssl_get_ssl(stream)) TlsConnection::say_end(*session);
}

}  // namespace airlane
