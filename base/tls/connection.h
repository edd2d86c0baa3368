// The server's end of one TLS connection, on a non-blocking socket that somebody else owns and
// watches.
//
// Nothing here blocks and nothing waits: each call does what the socket allows now, and says so
// when that is nothing. With a socket that is watched for changes, call again after every change.
// The records that OpenSSL has read and not yet given out are not seen by epoll: read until it
// says "nothing now".
//
// Owned by whoever owns the socket, on that thread. Destruction sends nothing.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/handle.h"
#include "base/result.h"
#include "base/tls/server_context.h"

namespace airlane {

class TlsConnection {
 public:
  // `fd` is borrowed. `early` was received from it already and is read first.
  TlsConnection(std::shared_ptr<const TlsServerContext> context, int fd, std::string early);
  TlsConnection(TlsConnection&&) = delete;  // OpenSSL keeps `this`.

  // For libevent, which moves the bytes itself: an SSL that has no socket yet and keeps `context`
  // for as long as it lives. And the end of its stream, if it has got that far; without waiting.
  static Handle<SSL, SSL_free> session(std::shared_ptr<const TlsServerContext> context);
  static void say_end(SSL& session) noexcept;

  // True when it is complete. kMalformed: the client speaks no TLS, too old a version, or shares no
  // cipher or protocol with us; kBroken: it went away. After an Error only destroy().
  Result<bool> handshake();
  // What ALPN has chosen; empty when the client did not ask. After the handshake.
  [[nodiscard]] std::string_view protocol() const noexcept;

  // How many bytes came; 0 when the client has ended its stream by close_notify; absent when there
  // is nothing now. An end without close_notify is kBroken: it may be a cut.
  Result<std::optional<std::size_t>> read(std::span<char> out);
  // How many bytes were taken: 0 when there is no room now. What is offered next must begin with
  // the bytes that were not taken, and be no fewer of them.
  Result<std::size_t> write(std::span<const char> bytes);
  // Sends close_notify, the end of our stream, once all is written; false when there is no room
  // now.
  Result<bool> end();

 private:
  using Tls = Handle<SSL, SSL_free>;

  static int bio_read(BIO* bio, char* out, std::size_t size, std::size_t* got) noexcept;
  static int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* sent) noexcept;
  static long bio_control(BIO* bio, int command, long number, void* pointer) noexcept;
  static const BIO_METHOD* bio_method();
  Result<bool> blocked_or_error(int outcome, const char* during);

  std::shared_ptr<const TlsServerContext> context_;  // Its callbacks use it.
  const int fd_;
  std::string early_;
  std::size_t early_used_ = 0;
  int os_error_ = 0;  // Of the socket's last failure.
  bool cut_ = false;  // The socket has ended.
  Tls tls_;
};

}  // namespace airlane
