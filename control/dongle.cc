#include "control/dongle.h"

#include <utility>

#include "base/log.h"

namespace airlane {
namespace {

Failure gone() { return {Failure::Kind::kUnavailable, "The dongle was removed meanwhile."}; }

Failure too_many() { return {Failure::Kind::kUnavailable, "Too many ask this dongle at once."}; }

constexpr std::size_t kWaitingMost = 256;  // Callers that share one answer.

}  // namespace

Dongle::Dongle(Loop& control, DongleParts parts)
    : control_(control),
      name_(std::move(parts.name)),
      hooks_(std::move(parts.hooks)),
      limits_(parts.limits),
      cache_(parts.ip_age_most),
      driver_(std::move(parts.driver)),
      probe_(std::move(parts.probe)),
      link_ready_(std::move(parts.link_ready)),
      thread_(name_) {
  thread_.start();
  thread_.post([this] {
    if (!link_ready_ || !link_ready_()) return;
    const auto recovered = driver_->recover(stop_.get_token());
    if (recovered && *recovered) log::warning(name_ + ": ended a rotation that was cut short");
  });
}

// Commands still in the thread's queue find that we are stopping, and end at once.
Dongle::~Dongle() {
  stop_.request_stop();
  thread_.stop();
  *alive_ = false;
  for (auto& done : want_ip_) control_.post([done = std::move(done)] { done(std::nullopt); });
  for (auto& done : want_status_) control_.post([done = std::move(done)] { done(gone()); });
}

// A callback travels to the dongle's thread and back by moves only: what it captures belongs to the
// control loop, and is destroyed there.
void Dongle::rotate(OldIp old_ip, OnRotated done, RotationGoal goal) {
  if (auto busy = begin(Activity::kRotating)) {
    RotationResult refused;
    refused.failure = std::move(busy);
    control_.post([done = std::move(done), refused] { done(refused); });
    return;
  }
  auto known = old_ip == OldIp::kCached ? cache_.get(busy_since_) : std::nullopt;
  thread_.post(
      [this, known = std::move(known), done = std::move(done), goal = std::move(goal)]() mutable {
        RotationResult result;
        if (stop_.stop_requested()) {
          result.failure = gone();
        } else {
          result =
              airlane::rotate(rotation_parts(std::move(goal)), std::move(known), stop_.get_token());
          if (stop_.stop_requested() && !result.new_ip && !result.failure) result.failure = gone();
        }
        tell([this, result] { end(result); });
        control_.post([done = std::move(done), result] { done(result); });
      });
}

void Dongle::reboot(OnAccepted done) {
  if (auto busy = begin(Activity::kRebooting)) {
    control_.post([done = std::move(done), busy] { done(*busy); });
    return;
  }
  thread_.post([this, done = std::move(done)]() mutable {
    const auto answer = [&](const Outcome<Done>& outcome) {
      control_.post([done = std::move(done), outcome] { done(outcome); });
    };
    if (stop_.stop_requested()) return answer(gone());
    const auto result = airlane::reboot(rotation_parts(), answer, stop_.get_token());
    tell([this, result] { end(result); });
  });
}

void Dongle::external_ip(bool from_cache, OnExternalIp done) {
  if (auto cached = from_cache ? cache_.get(Monotonic::now()) : std::nullopt) {
    control_.post([done = std::move(done), cached] { done(cached); });
    return;
  }
  if (want_ip_.size() == kWaitingMost) {
    control_.post([done = std::move(done)] { done(std::nullopt); });
    return;
  }
  want_ip_.push_back(std::move(done));
  if (want_ip_.size() > 1) return;  // Being asked already.
  thread_.post([this] {
    if (stop_.stop_requested()) return;  // The destructor answers.
    const auto ip = probe_(limits_.probe, stop_.get_token());
    tell([this, ip] {
      if (ip) learn(*ip);
      const auto answer = ip ? std::optional(*ip) : std::nullopt;
      for (auto& waiting : std::exchange(want_ip_, {})) waiting(answer);
    });
  });
}

void Dongle::status(OnStatus done) {
  if (want_status_.size() == kWaitingMost) {
    control_.post([done = std::move(done)] { done(too_many()); });
    return;
  }
  want_status_.push_back(std::move(done));
  if (want_status_.size() > 1) return;
  thread_.post([this] {
    if (stop_.stop_requested()) return;
    const auto status = driver_->status(stop_.get_token());
    tell([this, status] {
      for (auto& waiting : std::exchange(want_status_, {})) waiting(status);
    });
  });
}

std::optional<Monotonic::time_point> Dongle::busy_since() const noexcept {
  if (activity_ == Activity::kNone) return std::nullopt;
  return busy_since_;
}

std::optional<Failure> Dongle::begin(Activity activity) {
  if (activity_ != Activity::kNone) {
    const std::string what = activity_ == Activity::kRotating ? "rotating" : "rebooting";
    return Failure{Failure::Kind::kConflict, "The dongle is " + what + " already."};
  }
  activity_ = activity;
  busy_since_ = Monotonic::now();
  return std::nullopt;
}

void Dongle::end(const RotationResult& result) {
  const auto activity = std::exchange(activity_, Activity::kNone);
  if (result.new_ip) learn(*result.new_ip);
  if (hooks_.ended) hooks_.ended(activity, result);
  if (!result.unchecked) return;
  const std::string what = activity == Activity::kRotating ? "rotated" : "rebooted";
  log::warning("dongle " + name_ + ": " + what + ". " + result.unchecked->text);
}

void Dongle::learn(const std::string& ip) {
  cache_.put(ip, Monotonic::now());
  if (hooks_.external_ip) hooks_.external_ip(ip);
}

RotationParts Dongle::rotation_parts(RotationGoal goal) {
  return {.driver = *driver_,
          .probe = probe_,
          .link_ready = link_ready_,
          .going_down =
              [this] {
                tell([this] {
                  cache_.clear();
                  if (hooks_.going_down) hooks_.going_down();
                });
              },
          .up_again =
              [this] {
                tell([this] {
                  if (hooks_.up_again) hooks_.up_again();
                });
              },
          .limits = limits_,
          .goal = std::move(goal),
          .tried =
              [this](int attempt, const std::optional<std::string>& ip) {
                tell([this, attempt, ip] {
                  if (ip) learn(*ip);
                  if (hooks_.tried) hooks_.tried(attempt);
                });
              }};
}

void Dongle::tell(std::function<void()> task) {
  control_.post([alive = alive_, task = std::move(task)] {
    if (*alive) task();
  });
}

}  // namespace airlane
