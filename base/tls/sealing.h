// Secrets that have to be read again, so that they cannot be kept as hashes: sealed by AES-256-GCM
// with a key that is kept elsewhere. With the rest of base/tls the only door to OpenSSL. Values;
// any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace airlane {

class SealingKey {
 public:
  static constexpr std::size_t kBytes = 32;

  static SealingKey random();
  // 64 hex digits, of either case, and nothing else.
  static std::optional<SealingKey> from_hex(std::string_view digits);
  [[nodiscard]] std::string hex() const;

  // "sealed:" and base64 of nonce, cipher text and tag. Never the same twice. `purpose` is not
  // kept, but what is sealed for one purpose does not open for another.
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view purpose) const;
  // Absent for what this key has not sealed for this purpose, or what was changed since.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                std::string_view purpose) const;

 private:
  SealingKey() = default;

  std::array<unsigned char, kBytes> bytes_{};
};

}  // namespace airlane
