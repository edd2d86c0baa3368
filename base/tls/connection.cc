#include "base/tls/connection.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace airlane {

TlsConnection::TlsConnection(std::shared_ptr<const TlsServerContext> context, int fd,
                             std::string early)
    : context_(std::move(context)),
      fd_(fd),
      early_(std::move(early)),
      tls_(SSL_new(context_->contexts_.front().get())) {
  auto* const bio = BIO_new(bio_method());
  if (!tls_ || bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(tls_.get(), bio, bio);  // Hands it over.
  SSL_set_accept_state(tls_.get());
}

TlsConnection::Tls TlsConnection::session(std::shared_ptr<const TlsServerContext> context) {
  using Kept = std::shared_ptr<const TlsServerContext>;
  static const int kIndex = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<Kept*>(kept);
      });
  Tls session(SSL_new(context->contexts_.front().get()));
  auto kept = std::make_unique<Kept>(std::move(context));
  if (!session || SSL_set_ex_data(session.get(), kIndex, kept.get()) != 1) throw std::bad_alloc();
  (void)kept.release();  // Goes with the session.
  // libevent asks OpenSSL what it has got, and would not be told of what it has only read.
  SSL_set_read_ahead(session.get(), 0);
  return session;
}

void TlsConnection::say_end(SSL& session) noexcept {
  SSL_shutdown(&session);
  ERR_clear_error();  // It may not have got so far.
}

Result<bool> TlsConnection::handshake() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(tls_.get());
  if (outcome == 1) return true;
  return blocked_or_error(outcome, "shake hands by TLS");
}

std::string_view TlsConnection::protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

Result<std::optional<std::size_t>> TlsConnection::read(std::span<char> out) {
  ERR_clear_error();
  std::size_t got = 0;
  const int outcome = SSL_read_ex(tls_.get(), out.data(), out.size(), &got);
  if (outcome == 1) return std::optional(got);
  if (SSL_get_error(tls_.get(), outcome) == SSL_ERROR_ZERO_RETURN) {
    return std::optional<std::size_t>(0);
  }
  const auto blocked = blocked_or_error(outcome, "read TLS");
  if (!blocked) return blocked.error();
  return std::optional<std::size_t>();
}

Result<std::size_t> TlsConnection::write(std::span<const char> bytes) {
  if (bytes.empty()) return std::size_t{0};
  ERR_clear_error();
  std::size_t sent = 0;
  const int outcome = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
  if (outcome == 1) return sent;
  const auto blocked = blocked_or_error(outcome, "write TLS");
  if (!blocked) return blocked.error();
  return std::size_t{0};
}

Result<bool> TlsConnection::end() {
  ERR_clear_error();
  const int outcome = SSL_shutdown(tls_.get());
  if (outcome >= 0) return true;  // 0: the client has not ended its own stream yet.
  return blocked_or_error(outcome, "end TLS");
}

// False when the socket only has to be waited for.
Result<bool> TlsConnection::blocked_or_error(int outcome, const char* during) {
  switch (SSL_get_error(tls_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      if (os_error_ == 0 && !cut_) return false;
      break;
    case SSL_ERROR_SSL:
      if (os_error_ == 0 && !cut_) {
        ERR_clear_error();
        return Error{Errc::kMalformed, during};
      }
      break;
    default:
      break;
  }
  ERR_clear_error();
  return Error{Errc::kBroken, during, os_error_};
}

int TlsConnection::bio_read(BIO* bio, char* out, std::size_t size, std::size_t* got) noexcept {
  auto& self = *static_cast<TlsConnection*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *got = 0;
  if (const auto left = self.early_.size() - self.early_used_; left > 0) {
    *got = std::min(left, size);
    std::memcpy(out, self.early_.data() + self.early_used_, *got);
    self.early_used_ += *got;
    if (self.early_used_ == self.early_.size()) {
      self.early_ = {};
      self.early_used_ = 0;
    }
    return 1;
  }
  const auto received = recv(self.fd_, out, size, MSG_DONTWAIT);
  if (received > 0) {
    *got = static_cast<std::size_t>(received);
    return 1;
  }
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
    BIO_set_retry_read(bio);
  } else if (received < 0) {
    self.os_error_ = errno;
  } else {
    self.cut_ = true;
  }
  return 0;
}

int TlsConnection::bio_write(BIO* bio, const char* bytes, std::size_t size,
                             std::size_t* sent) noexcept {
  auto& self = *static_cast<TlsConnection*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *sent = 0;
  const auto taken = send(self.fd_, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (taken > 0) {
    *sent = static_cast<std::size_t>(taken);
    return 1;
  }
  if (errno == EAGAIN || errno == EINTR) {
    BIO_set_retry_write(bio);
  } else {
    self.os_error_ = errno;
  }
  return 0;
}

long TlsConnection::bio_control(BIO*, int command, long, void*) noexcept {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* TlsConnection::bio_method() {
  static const auto* const kMethod = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "airlane socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read_ex(made, bio_read);
    BIO_meth_set_write_ex(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return kMethod;
}

}  // namespace airlane
