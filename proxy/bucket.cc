#include "proxy/bucket.h"

#include <algorithm>

namespace airlane {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMostAmount = UINT64_MAX / kSecond;  // 18 GB, so that nothing overflows.

std::int64_t duration(std::uint64_t amount, std::uint64_t per_second) noexcept {
  return static_cast<std::int64_t>(std::min(amount, kMostAmount) * kSecond / per_second);
}

std::int64_t nanoseconds(Bucket::Time time) noexcept {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

}  // namespace

Bucket::Time Bucket::reserve(Time now, std::uint64_t amount, std::uint64_t per_second) noexcept {
  const auto cost = duration(amount, per_second);
  // A full bucket holds exactly its depth: the last of it is due now, and what follows later. More
  // than that at once is due when the bucket is full.
  const auto earliest = nanoseconds(now) - depth_.count() + std::min(cost, depth_.count());
  auto until = given_until_.load(std::memory_order_relaxed);
  auto start = std::max(until, earliest);
  while (!given_until_.compare_exchange_weak(until, start + cost, std::memory_order_relaxed)) {
    start = std::max(until, earliest);
  }
  return Time(std::chrono::nanoseconds(start));
}

bool Bucket::take(Time now, std::uint64_t amount, std::uint64_t per_second) noexcept {
  if (nanoseconds(now) < given_until_.load(std::memory_order_relaxed)) return false;
  if (reserve(now, amount, per_second) <= now) return true;
  give_back(amount, per_second);  // Somebody was faster.
  return false;
}

void Bucket::give_back(std::uint64_t amount, std::uint64_t per_second) noexcept {
  given_until_.fetch_sub(duration(amount, per_second), std::memory_order_relaxed);
}

}  // namespace airlane
