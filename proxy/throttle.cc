#include "proxy/throttle.h"

#include <algorithm>
#include <utility>

namespace airlane {
namespace {

constexpr std::uint64_t kLeastPortion = 1448;  // A segment: less would only cost headers.
constexpr std::uint64_t kSmoothPortion = 64 << 10;
constexpr std::uint64_t kLargestPortion = 1 << 20;

// A sixty-fourth of a second's worth while that is little; at high rates two milliseconds' worth,
// since each portion costs a wake-up.
std::uint64_t portion(std::uint64_t per_second) noexcept {
  const auto smooth = std::clamp(per_second / 64, kLeastPortion, kSmoothPortion);
  return std::min(std::max(smooth, per_second / 512), kLargestPortion);
}

std::uint64_t used(std::span<const CounterSlot> row) noexcept {
  std::uint64_t sum = 0;
  for (const auto& slot : row) {
    sum += slot.incoming.load(std::memory_order_relaxed) +
           slot.outgoing.load(std::memory_order_relaxed);
  }
  return sum;
}

std::uint64_t left_of(const Quota& quota, std::span<const CounterSlot> row) noexcept {
  const auto total = used(row);
  const auto in_period = total > quota.baseline ? total - quota.baseline : 0;
  return quota.bytes > in_period ? quota.bytes - in_period : 0;
}

}  // namespace

bool has_quota_left(const Limits& limits, std::span<const CounterSlot> row) noexcept {
  return !limits.quota || left_of(*limits.quota, row) > 0;
}

bool Throttle::is_needed(const Limits& limits) noexcept {
  return limits.upload_bytes_per_second != 0 || limits.download_bytes_per_second != 0 ||
         limits.quota;
}

Throttle::Throttle(Reactor& reactor, Callback<void()> on_time,
                   std::shared_ptr<const ProxyPort> proxy, std::span<const CounterSlot> row)
    : reactor_(reactor),
      proxy_(std::move(proxy)),
      row_(row),
      up_(reactor, on_time),
      down_(reactor, on_time) {
  set_rates();
}

Throttle::~Throttle() {
  rest(Way::kUp);
  rest(Way::kDown);
}

void Throttle::set_rates() noexcept {
  up_.bucket = &proxy_->gate->upload;
  up_.per_second = proxy_->limits.upload_bytes_per_second;
  down_.bucket = &proxy_->gate->download;
  down_.per_second = proxy_->limits.download_bytes_per_second;
}

void Throttle::adopt(std::shared_ptr<const ProxyPort> proxy) {
  for (auto* lane : {&up_, &down_}) {
    if (lane->reserved > 0) lane->bucket->give_back(lane->reserved, lane->per_second);
    lane->reserved = 0;
    if (lane->due_alarm.running()) lane->due_alarm.start({});
  }
  proxy_ = std::move(proxy);
  set_rates();
}

Result<std::size_t> Throttle::allowance(Way way, std::size_t want) {
  if (proxy_->limits.quota) {
    const auto most = quota_allowance(want);
    if (!most) return most;
    want = *most;
  }
  auto& lane = this->lane(way);
  if (lane.per_second == 0) return want;
  const auto now = reactor_.now();
  if (lane.reserved == 0) {
    lane.reserved = portion(lane.per_second);
    lane.due = lane.bucket->reserve(now, lane.reserved, lane.per_second);
  }
  if (lane.due > now) {
    lane.due_alarm.start(lane.due - now);
    return std::size_t{0};
  }
  return std::min(want, lane.reserved);
}

// Far from the end a portion is as large as anybody wants, as long as all workers together cannot
// take more than there is.
Result<std::size_t> Throttle::quota_allowance(std::size_t want) const noexcept {
  const auto left = left_of(*proxy_->limits.quota, row_);
  if (left == 0) return Error{Errc::kOverQuota, "look at the quota"};
  return std::min(want, std::max(kQuotaPortion, left / (2 * row_.size())));
}

Result<std::size_t> Throttle::leaving(std::size_t held) const noexcept {
  return proxy_->limits.quota ? quota_allowance(held) : held;
}

void Throttle::moved(Way way, std::size_t bytes) noexcept {
  auto& lane = this->lane(way);
  if (lane.per_second == 0) return;
  if (bytes > lane.reserved) {
    lane.bucket->reserve(reactor_.now(), bytes - lane.reserved, lane.per_second);
  }
  lane.reserved -= std::min(bytes, lane.reserved);
}

void Throttle::rest(Way way) noexcept {
  auto& lane = this->lane(way);
  if (lane.reserved == 0) return;
  lane.bucket->give_back(std::exchange(lane.reserved, 0), lane.per_second);
}

int Throttle::receive_buffer(Way way) const noexcept {
  // Half a second's worth keeps the rate up to a round trip of half a second. Where that is as much
  // as the kernel would give, it may.
  constexpr std::uint64_t kLeast = 16 << 10;
  constexpr std::uint64_t kMost = 1 << 20;
  const auto per_second = way == Way::kUp ? up_.per_second : down_.per_second;
  if (per_second == 0 || per_second / 2 >= kMost) return 0;
  return static_cast<int>(std::max(per_second / 2, kLeast));
}

}  // namespace airlane
