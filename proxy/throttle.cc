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
                   std::shared_ptr<const Account> account, std::span<const CounterSlot> row,
                   std::unique_ptr<Throttle> outer)
    : reactor_(reactor),
      account_(std::move(account)),
      row_(row),
      due_alarm_(reactor, on_time),
      outer_(std::move(outer)) {}

Throttle::~Throttle() {
  rest(Way::kUp);
  rest(Way::kDown);
}

std::uint64_t Throttle::rate(Way way) const noexcept {
  const auto& limits = account_->limits;
  return way == Way::kUp ? limits.upload_bytes_per_second : limits.download_bytes_per_second;
}

Bucket& Throttle::bucket(Way way) const noexcept {
  return way == Way::kUp ? account_->gate->upload : account_->gate->download;
}

void Throttle::adopt(std::shared_ptr<const Account> account) {
  rest(Way::kUp);
  rest(Way::kDown);
  if (due_alarm_.running()) due_alarm_.start({});
  account_ = std::move(account);
}

Result<std::size_t> Throttle::allowance(Way way, std::size_t want) {
  const auto most = own_allowance(way, want);
  if (!outer_ || !most || *most == 0) return most;
  return outer_->allowance(way, *most);
}

Result<std::size_t> Throttle::own_allowance(Way way, std::size_t want) {
  if (account_->limits.quota) {
    const auto most = quota_allowance(want);
    if (!most) return most;
    want = *most;
  }
  const auto per_second = rate(way);
  if (per_second == 0) return want;
  auto& lane = this->lane(way);
  const auto now = reactor_.now();
  const auto whole = portion(per_second);
  if (lane.reserved == 0) {
    lane.reserved = whole;
    lane.due = bucket(way).reserve(now, whole, per_second);
  } else if (lane.reserved < std::min<std::size_t>(want, whole / 2) && lane.due <= now &&
             bucket(way).take(now, whole - lane.reserved, per_second)) {
    // The tail of a portion would only move a little; when nobody else is waiting it may be more.
    lane.reserved = whole;
  }
  if (lane.due > now) {
    await_due();
    return std::size_t{0};
  }
  return std::min(want, lane.reserved);
}

void Throttle::await_due() {
  const auto now = reactor_.now();
  auto first = Bucket::Time::max();
  for (const auto* lane : {&up_, &down_}) {
    if (lane->reserved > 0 && lane->due > now) first = std::min(first, lane->due);
  }
  due_alarm_.start(first - now);
}

// Far from the end a portion is as large as anybody wants, as long as all workers together cannot
// take more than there is.
Result<std::size_t> Throttle::quota_allowance(std::size_t want) const noexcept {
  const auto left = left_of(*account_->limits.quota, row_);
  if (left == 0) return Error{Errc::kOverQuota, limit_names(*account_).quota};
  return std::min(want, std::max(kQuotaPortion, left / (2 * row_.size())));
}

Result<std::size_t> Throttle::leaving(std::size_t held) const noexcept {
  const auto most = account_->limits.quota ? quota_allowance(held) : held;
  return outer_ && most ? outer_->leaving(*most) : most;
}

void Throttle::moved(Way way, std::size_t bytes) noexcept {
  if (outer_) outer_->moved(way, bytes);
  const auto per_second = rate(way);
  if (per_second == 0) return;
  auto& lane = this->lane(way);
  if (bytes > lane.reserved) {
    bucket(way).reserve(reactor_.now(), bytes - lane.reserved, per_second);
  }
  lane.reserved -= std::min(bytes, lane.reserved);
}

void Throttle::rest(Way way) noexcept {
  if (outer_) outer_->rest(way);
  auto& lane = this->lane(way);
  if (lane.reserved == 0) return;
  bucket(way).give_back(std::exchange(lane.reserved, 0), rate(way));
}

int Throttle::receive_buffer(Way way) const noexcept {
  // Half a second's worth keeps the rate up to a round trip of half a second. Where that is as much
  // as the kernel would give, it may.
  constexpr std::uint64_t kLeast = 16 << 10;
  constexpr std::uint64_t kMost = 1 << 20;
  const auto per_second = rate(way);
  const bool bites = per_second != 0 && per_second / 2 < kMost;
  const int own = bites ? static_cast<int>(std::max(per_second / 2, kLeast)) : 0;
  const int others = outer_ ? outer_->receive_buffer(way) : 0;
  return own == 0 || others == 0 ? std::max(own, others) : std::min(own, others);
}

}  // namespace airlane
