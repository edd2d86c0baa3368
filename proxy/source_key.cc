#include "proxy/source_key.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace airlane {
namespace {

using Secret = std::array<std::uint64_t, 3>;

Secret make_secret() {
  Secret secret{};
  if (getrandom(secret.data(), sizeof secret, 0) != sizeof secret) std::abort();
  return secret;
}

// Every bit of the result depends on every bit of the number, and no two numbers share a result.
std::uint64_t stirred(std::uint64_t number) noexcept {
  for (int round = 0; round < 2; ++round) {
    number ^= number >> 32;
    number *= 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio, odd.
  }
  return number ^ (number >> 32);
}

}  // namespace

SourceKey source_key(std::int64_t proxy, const Address& source) noexcept {
  static const Secret secret = make_secret();
  std::uint64_t bits = 0;
  std::memcpy(&bits, source.bytes(), source.is_v4() ? 4 : 8);
  bits = stirred(bits ^ secret[source.is_v4() ? 0 : 1]);
  return stirred(bits ^ stirred(static_cast<std::uint64_t>(proxy) + secret[2]));
}

}  // namespace airlane
