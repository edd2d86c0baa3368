#include "base/tls/server_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace airlane {
namespace {

// A key with a passphrase would ask for it on the terminal and stop the server.
int no_passphrase(char*, int, int, void*) { return -1; }

Failure cannot_use(const std::string& file, std::string_view what) {
  const auto code = ERR_peek_error();
  const auto* reason = ERR_reason_error_string(code);
  std::string text = "The " + std::string(what) + " " + file + " cannot be used";
  if (ERR_GET_LIB(code) == ERR_LIB_SYS || ERR_GET_REASON(code) == ERR_R_SYS_LIB) {
    text += ": it cannot be read";
  } else if (reason != nullptr) {
    text += ": " + std::string(reason);
  }
  ERR_clear_error();
  return Failure{Failure::Kind::kInvalid, text + "."};
}

void set_manners(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Tickets are enough, and a cache of sessions would be a lock between the workers.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

}  // namespace

Outcome<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(
    std::span<const CertificateFiles> files, std::span<const std::string_view> protocols) {
  std::shared_ptr<TlsServerContext> made(new TlsServerContext);
  for (const auto protocol : protocols) {
    made->protocols_ += static_cast<char>(protocol.size());
    made->protocols_ += protocol;
  }
  for (const auto& pair : files) {
    if (auto added = made->add(pair); !added) return added.error();
  }
  if (made->contexts_.empty()) return Failure{Failure::Kind::kInvalid, "There is no certificate."};
  // Name and tickets are looked at before another certificate is chosen.
  SSL_CTX_set_tlsext_servername_callback(made->contexts_.front().get(), on_name);
  SSL_CTX_set_tlsext_servername_arg(made->contexts_.front().get(), made.get());
  return std::shared_ptr<const TlsServerContext>(std::move(made));
}

Outcome<Done> TlsServerContext::add(const CertificateFiles& files) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return Failure{Failure::Kind::kInternal, "OpenSSL cannot make a context."};
  set_manners(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return cannot_use(files.certificate, "certificate");
  }
  // Says also when the key belongs to another certificate.
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return cannot_use(files.key, "key");
  }
  SSL_CTX_set_alpn_select_cb(context.get(), on_protocols, this);
  contexts_.push_back(std::move(context));
  return Done{};
}

std::size_t TlsServerContext::choose(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < contexts_.size(); ++i) {
    auto* const certificate = SSL_CTX_get0_certificate(contexts_[i].get());
    if (X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                        nullptr) == 1) {
      return i;
    }
  }
  return 0;
}

int TlsServerContext::on_name(SSL* tls, int*, void* self) noexcept {
  const auto& context = *static_cast<const TlsServerContext*>(self);
  const auto* name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr || *name == '\0') return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(tls, context.contexts_[context.choose(name)].get());
  return SSL_TLSEXT_ERR_OK;
}

int TlsServerContext::on_protocols(SSL*, const unsigned char** out, unsigned char* out_size,
                                   const unsigned char* in, unsigned in_size, void* self) noexcept {
  const auto& ours = static_cast<const TlsServerContext*>(self)->protocols_;
  unsigned char* chosen = nullptr;
  const auto outcome =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), in, in_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace airlane
