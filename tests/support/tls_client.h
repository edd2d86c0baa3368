// The client's end of a TLS connection, for tests. It believes every certificate and remembers
// which one it was shown. On a blocking descriptor every call waits.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/handle.h"

namespace airlane::test {

class TlsClient {
 public:
  struct Options {
    std::string name{};       // Asked for by SNI; empty: none.
    std::string protocols{};  // For ALPN, as on the wire: "\x02h2".
    int newest = TLS1_3_VERSION;
  };

  // `fd` is borrowed.
  TlsClient(int fd, const Options& options)
      : context_(SSL_CTX_new(TLS_client_method())), tls_(SSL_new(context_.get())) {
    SSL_set_security_level(tls_.get(), 0);  // Offers what a server should refuse.
    SSL_set_min_proto_version(tls_.get(), TLS1_VERSION);
    SSL_set_max_proto_version(tls_.get(), options.newest);
    if (!options.name.empty()) SSL_set_tlsext_host_name(tls_.get(), options.name.c_str());
    SSL_set_alpn_protos(tls_.get(),
                        reinterpret_cast<const unsigned char*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
    SSL_set_fd(tls_.get(), fd);
    SSL_set_connect_state(tls_.get());
  }

  bool shake_hands() { return SSL_do_handshake(tls_.get()) == 1; }
  bool send(std::string_view bytes) {
    std::size_t sent = 0;
    return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) == 1 && sent == bytes.size();
  }
  // What arrives until `size` bytes are there, or less when the stream ends or breaks first.
  std::string read(std::size_t size) {
    std::string out;
    std::array<char, 16384> piece{};
    while (out.size() < size) {
      std::size_t got = 0;
      if (SSL_read_ex(tls_.get(), piece.data(), std::min(piece.size(), size - out.size()), &got) !=
          1) {
        break;
      }
      out.append(piece.data(), got);
    }
    return out;
  }
  std::string read_to_end() { return read(SIZE_MAX); }
  std::string read_until(std::string_view mark) {
    std::string out;
    while (!out.ends_with(mark)) {
      const auto byte = read(1);
      if (byte.empty()) break;
      out += byte;
    }
    return out;
  }
  void end() { SSL_shutdown(tls_.get()); }
  // After a short read: the server has said that its stream is over.
  [[nodiscard]] bool was_told_the_end() const {
    return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

  [[nodiscard]] std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  // The common name of the certificate that was shown.
  [[nodiscard]] std::string shown() const {
    const Handle<X509, X509_free> certificate(SSL_get1_peer_certificate(tls_.get()));
    if (!certificate) return {};
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return name.data();
  }

 private:
  Handle<SSL_CTX, SSL_CTX_free> context_;
  Handle<SSL, SSL_free> tls_;
};

}  // namespace airlane::test
