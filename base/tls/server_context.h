// What a TLS server shows and accepts: its certificates, one of which is chosen by the name that a
// client asks for (SNI, RFC 6066), the protocols behind it (ALPN, RFC 7301), TLS 1.2 and later.
//
//   the client names        it is shown
//   nothing                 the first certificate
//   a name                  the first certificate whose subjectAltName covers it, else the first
//
// Loaded from files, whole or not at all, and never changed: new files make a new context, and
// connections keep the one that they began with. Any thread; shared as shared_ptr<const ...>. With
// the rest of base/tls the only door to OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "base/tls/certificate_files.h"

namespace airlane {

class TlsServerContext {
 public:
  // `files` has at least one element. kInvalid with a sentence that names the file at fault.
  // `protocols` are what ALPN may choose, the server's favourite first. A client that knows none of
  // them is refused; one that does not speak ALPN is not.
  static Outcome<std::shared_ptr<const TlsServerContext>> load(
      std::span<const CertificateFiles> files, std::span<const std::string_view> protocols);

  // Which of the certificates a client that asks for `name` is shown.
  [[nodiscard]] std::size_t choose(std::string_view name) const noexcept;

 private:
  friend class TlsConnection;
  using Context = Handle<SSL_CTX, SSL_CTX_free>;

  TlsServerContext() = default;
  Outcome<Done> add(const CertificateFiles& files);
  static int on_name(SSL* tls, int* alert, void* self) noexcept;
  static int on_protocols(SSL* tls, const unsigned char** out, unsigned char* out_size,
                          const unsigned char* in, unsigned in_size, void* self) noexcept;

  std::string protocols_;          // In the form of RFC 7301: each with its length before it.
  std::vector<Context> contexts_;  // One per certificate.
};

}  // namespace airlane
