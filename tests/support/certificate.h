// Self-signed certificates for tests, written as PEM files.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/handle.h"
#include "base/tls/certificate_files.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {

// A certificate whose subject is CN=`name` and whose alternative names are `names`, in OpenSSL's
// form: "DNS:a.test,DNS:*.b.test". `name` is also what its files are called.
inline CertificateFiles make_certificate(const TemporaryFolder& folder, const std::string& name,
                                         const std::string& names,
                                         const char* passphrase = nullptr) {
  const Handle<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const Handle<X509, X509_free> certificate(X509_new());
  auto* const x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
  X509_set_pubkey(x509, key.get());
  auto* const subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  if (!names.empty()) {
    const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()));
    X509_add_ext(x509, extension.get(), -1);
  }
  if (X509_sign(x509, key.get(), EVP_sha256()) == 0) throw std::runtime_error("X509_sign");

  const CertificateFiles files{folder.path(name + ".crt"), folder.path(name + ".key")};
  const Handle<FILE, std::fclose> crt(std::fopen(files.certificate.c_str(), "w"));
  const Handle<FILE, std::fclose> pem(std::fopen(files.key.c_str(), "w"));
  PEM_write_X509(crt.get(), x509);
  PEM_write_PrivateKey(pem.get(), key.get(), passphrase ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                       nullptr, const_cast<char*>(passphrase));
  return files;
}

}  // namespace airlane::test
