#include "db/minutes.h"

#include <cstdint>

namespace airlane {
namespace {

constexpr std::size_t kBitsSize = 8;

void put(std::string& bytes, std::uint64_t number) {
  for (; number > 0x7f; number >>= 7) bytes += static_cast<char>(number | 0x80);
  bytes += static_cast<char>(number);
}

std::optional<std::uint64_t> take(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte <= 0x7f) return number;
  }
  return std::nullopt;
}

}  // namespace

std::string packed(const Minutes& minutes) {
  std::uint64_t moved = 0;
  std::string numbers;
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    if (minutes[i] == Traffic{}) continue;
    moved |= std::uint64_t{1} << i;
    put(numbers, minutes[i].incoming);
    put(numbers, minutes[i].outgoing);
  }
  std::string bytes;
  bytes.reserve(kBitsSize + numbers.size());
  for (std::size_t i = 0; i < kBitsSize; ++i) bytes += static_cast<char>(moved >> (8 * i));
  return bytes + numbers;
}

std::optional<Minutes> unpacked(std::string_view bytes) {
  if (bytes.size() < kBitsSize) return std::nullopt;
  std::uint64_t moved = 0;
  for (std::size_t i = 0; i < kBitsSize; ++i) {
    moved |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  bytes.remove_prefix(kBitsSize);
  Minutes minutes{};
  if (moved >> minutes.size() != 0) return std::nullopt;
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    if ((moved >> i & 1) == 0) continue;
    const auto incoming = take(bytes);
    const auto outgoing = take(bytes);
    if (!incoming || !outgoing) return std::nullopt;
    minutes[i] = {*incoming, *outgoing};
  }
  if (!bytes.empty()) return std::nullopt;
  return minutes;
}

}  // namespace airlane
