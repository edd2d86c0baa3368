// The carrier's addresses: 198.18.0.0/16 without .0, .255 and the two nets of big.test. Every one
// is handed out at most once at a time, in an order that the seed decides.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>

namespace airlane::sim {

class AddressPool {
 public:
  explicit AddressPool(std::uint32_t seed) : random_(seed) {}

  std::string take();
  void give_back(const std::string& ip) { taken_.erase(ip); }
  // 0 to 99: for what shall happen in so many of a hundred cases.
  int percent() { return static_cast<int>(random_() % 100); }

 private:
  std::mt19937 random_;
  std::set<std::string> taken_;
};

inline std::string AddressPool::take() {
  for (;;) {
    const auto third = random_() % 254;
    const auto fourth = 1 + random_() % 254;
    auto ip = "198.18." + std::to_string(third) + "." + std::to_string(fourth);
    if (taken_.insert(ip).second) return ip;
  }
}

}  // namespace airlane::sim
