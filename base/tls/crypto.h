// Random numbers, password hashes and comparisons that take the same time for every input. With
// the rest of base/tls the only door to OpenSSL. Any thread; nothing here keeps state.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/handle.h"

namespace airlane {

// `bytes` random bytes as twice as many lower-case hex digits. Aborts if the kernel has none.
std::string random_hex(std::size_t bytes);

// "scrypt$ln=15,r=8,p=1$SALT$HASH" (RFC 7914), hex. Takes about 0.1 s and 32 MiB on purpose: never
// on a worker or on the control loop.
std::string hash_password(std::string_view password);
// Whether it is of the form above: another one fits no password here.
bool is_password_hash(std::string_view text);
// False also for a hash that is not well-formed, and for a password with a NUL byte in it: scrypt
// cannot tell it from the one without the NULs at its end.
bool verify_password(std::string_view password, std::string_view hash);

// Time depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string sha256_hex(std::string_view bytes);

// The same of bytes that arrive in pieces. Usable until hex(), which ends it.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  std::string hex();

 private:
  Handle<EVP_MD_CTX, EVP_MD_CTX_free> context_;
};

std::string base64_encode(std::string_view bytes);

}  // namespace airlane
