#include "base/tls/sealing.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <vector>

#include "base/handle.h"
#include "base/tls/crypto.h"

namespace airlane {
namespace {

constexpr std::string_view kMark = "sealed:";
constexpr std::size_t kNonceBytes = 12;
constexpr int kTagBytes = 16;

using Cipher = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Only a lack of memory can fail.
void must(int outcome) {
  if (outcome != 1) std::abort();
}

// Absent when it is no base64 of whole groups.
std::optional<std::string> base64_decode(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(bytes_of(out), bytes_of(text), static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  // It counts the padding as bytes.
  const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  out.resize(out.size() - padding);
  return out;
}

int nibble(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char small = static_cast<char>(digit | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

SealingKey SealingKey::random() {
  SealingKey key;
  must(RAND_bytes(key.bytes_.data(), static_cast<int>(key.bytes_.size())));
  return key;
}

std::optional<SealingKey> SealingKey::from_hex(std::string_view digits) {
  if (digits.size() != 2 * kBytes) return std::nullopt;
  SealingKey key;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const int high = nibble(digits[2 * i]);
    const int low = nibble(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key.bytes_[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return key;
}

std::string SealingKey::hex() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes_) out += {kHex[byte >> 4], kHex[byte & 15]};
  return out;
}

std::string SealingKey::seal(std::string_view secret, std::string_view purpose) const {
  std::string out(kNonceBytes + secret.size() + kTagBytes, '\0');
  unsigned char* const at = bytes_of(out);
  must(RAND_bytes(at, kNonceBytes));
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  must(EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), bytes_.data(), at, nullptr));
  must(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(purpose),
                         static_cast<int>(purpose.size())));
  must(EVP_EncryptUpdate(cipher.get(), at + kNonceBytes, &size, bytes_of(secret),
                         static_cast<int>(secret.size())));
  must(EVP_EncryptFinal_ex(cipher.get(), at + kNonceBytes + size, &size));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                           at + kNonceBytes + secret.size()));
  return std::string(kMark) + base64_encode(out);
}

std::optional<std::string> SealingKey::open(std::string_view sealed,
                                            std::string_view purpose) const {
  if (!sealed.starts_with(kMark)) return std::nullopt;
  const auto text = sealed.substr(kMark.size());
  auto raw = base64_decode(text);
  if (!raw || raw->size() < kNonceBytes + kTagBytes) return std::nullopt;
  // The last digit may have bits that stand for nothing (RFC 4648, section 3.5): changed is
  // changed.
  if (base64_encode(*raw) != text) return std::nullopt;
  std::string secret(raw->size() - kNonceBytes - kTagBytes, '\0');
  unsigned char* const at = bytes_of(*raw);
  std::array<unsigned char, 1> none{};  // There is no memory behind an empty secret to write to.
  auto* const out = secret.empty() ? none.data() : bytes_of(secret);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  must(EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), bytes_.data(), at, nullptr));
  must(EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(purpose),
                         static_cast<int>(purpose.size())));
  must(EVP_DecryptUpdate(cipher.get(), out, &size, at + kNonceBytes,
                         static_cast<int>(secret.size())));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                           at + kNonceBytes + secret.size()));
  if (EVP_DecryptFinal_ex(cipher.get(), out + size, &size) != 1) return std::nullopt;
  return secret;
}

}  // namespace airlane
