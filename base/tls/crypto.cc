#include "base/tls/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

namespace airlane {
namespace {

constexpr std::uint64_t kScryptN = 1 << 15;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::uint64_t kScryptMemory = 64U << 20;
constexpr std::string_view kScryptPrefix = "scrypt$ln=15,r=8,p=1$";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) out += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
  return out;
}

std::string scrypt_hex(std::string_view password, std::string_view salt) {
  std::array<unsigned char, kHashBytes> out{};
  const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());
  if (EVP_PBE_scrypt(password.data(), password.size(), salt_bytes, salt.size(), kScryptN, kScryptR,
                     kScryptP, kScryptMemory, out.data(), out.size()) != 1) {
    std::abort();  // Only for wrong parameters or no memory.
  }
  return to_hex(out.data(), out.size());
}

bool is_hex(std::string_view text, std::size_t bytes) {
  return text.size() == 2 * bytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct Salted {
  std::string_view salt, hash;
};
std::optional<Salted> read_hash(std::string_view text) {
  constexpr std::size_t kSaltDigits = 2 * kSaltBytes;
  if (!text.starts_with(kScryptPrefix)) return std::nullopt;
  text.remove_prefix(kScryptPrefix.size());
  if (text.size() <= kSaltDigits || text[kSaltDigits] != '$') return std::nullopt;
  const Salted read{text.substr(0, kSaltDigits), text.substr(kSaltDigits + 1)};
  if (!is_hex(read.salt, kSaltBytes) || !is_hex(read.hash, kHashBytes)) return std::nullopt;
  return read;
}

}  // namespace

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> out(bytes);
  if (RAND_bytes(out.data(), static_cast<int>(bytes)) != 1) std::abort();
  return to_hex(out.data(), out.size());
}

std::string hash_password(std::string_view password) {
  const auto salt = random_hex(kSaltBytes);
  return std::string(kScryptPrefix) + salt + "$" + scrypt_hex(password, salt);
}

bool is_password_hash(std::string_view text) { return read_hash(text).has_value(); }

bool verify_password(std::string_view password, std::string_view hash) {
  const auto expected = read_hash(hash);
  if (!expected) return false;
  const bool is_equal =
      equal_in_constant_time(scrypt_hex(password, expected->salt), expected->hash);
  // HMAC fills its key up with zeros. Looked at last, that it takes as long as a wrong password.
  return is_equal && password.find('\0') == std::string_view::npos;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr) != 1) {
    std::abort();
  }
  return to_hex(out.data(), size);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) std::abort();
}

void Sha256::update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) std::abort();
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), out.data(), &size) != 1) std::abort();
  return to_hex(out.data(), size);
}

std::string base64_encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends with a NUL.
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace airlane
