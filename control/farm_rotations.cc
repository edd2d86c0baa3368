// What the farm has its dongles do, and who is told of it.
#include <set>
#include <utility>

#include "base/log.h"
#include "control/farm.h"
#include "control/then.h"

namespace airlane {

std::int64_t Farm::begin_job(Jobs::Action action, const ProxyRecord& proxy, JobCause cause,
                             RotationGoal::Until until) {
  if (modems_.activity(proxy.dongle) != Dongle::Activity::kNone) return 0;
  return jobs_.begin({.action = action,
                      .proxy = proxy.id,
                      .user = proxy.user,
                      .dongle = proxy.dongle,
                      .cause = cause,
                      .until = until});
}

// An address that any dongle of the proxy's owner had lately is a used one to him.
RotationGoal Farm::goal_of(const RotationOrder& order, const ProxyRecord& proxy) const {
  auto goal = order.goal;
  if (goal.until != RotationGoal::Until::kUnused) return goal;
  std::set<std::int64_t> dongles;
  for (const auto& [id, other] : proxies_) {
    if (other.user == proxy.user) dongles.insert(other.dongle);
  }
  const auto since = std::chrono::floor<std::chrono::seconds>(surroundings_.clocks.wall()) -
                     std::chrono::hours(goal.hours);
  goal.used = [&store = store_, since,
               dongles = std::vector<std::int64_t>(dongles.begin(), dongles.end())] {
    return store.ask([&](Database& database) { return ip_history::had(database, dongles, since); });
  };
  return goal;
}

std::int64_t Farm::rotate(const RotationOrder& order, ThenOfJob<Rotated> then) {
  const auto* proxy = this->proxy(order.proxy);
  if (proxy == nullptr) {
    control_.post([then, id = order.proxy] { then(0, no_such_proxy(id)); });
    return 0;
  }
  const auto job = begin_job(Jobs::Action::kRotate, *proxy, order.cause, order.goal.until);
  const auto ended = [job, then = std::move(then)](RotationResult result) {
    if (result.failure) return then(job, *result.failure);
    then(job, Rotated{.old_ip = std::move(result.old_ip),
                      .new_ip = std::move(result.new_ip),
                      .reason = result.unchecked ? result.unchecked->text : result.missed,
                      .attempts = result.attempts,
                      .reached = result.reached});
  };
  modems_.rotate(proxy->dongle, goal_of(order, *proxy), ended);
  return job;
}

std::int64_t Farm::reboot(std::int64_t proxy, JobCause cause, ThenOfJob<Done> then) {
  const auto* found = this->proxy(proxy);
  if (found == nullptr) {
    control_.post([then, proxy] { then(0, no_such_proxy(proxy)); });
    return 0;
  }
  const auto job = begin_job(Jobs::Action::kReboot, *found, cause, RotationGoal::Until::kAny);
  modems_.reboot(found->dongle, [job, then = std::move(then)](Outcome<Done> accepted) {
    then(job, std::move(accepted));
  });
  return job;
}

void Farm::ended(std::int64_t dongle, Dongle::Activity activity, const RotationResult& result) {
  jobs_.end(dongle, result);
  if (activity == Dongle::Activity::kRotating) scheduler_.rotated(dongle, !result.failure);
}

void Farm::external_ip(std::int64_t proxy, bool from_cache, Then<ExternalIp> then) {
  const auto* found = this->proxy(proxy);
  if (found == nullptr) return answer_later<ExternalIp>(control_, then, no_such_proxy(proxy));
  modems_.external_ip(found->dongle, from_cache,
                      [then = std::move(then)](std::optional<std::string> ip, bool cached) {
                        then(ExternalIp{std::move(ip), cached});
                      });
}

void Farm::addresses(const IpFilter& filter, WallSeconds since, Then<AddressHistory> then) {
  const auto work = [filter, since](Database& database) -> Outcome<AddressHistory> {
    auto addresses = ip_history::list(database, filter);
    if (!addresses) return addresses.error();
    const auto count = ip_history::count(database, filter.dongle, since);
    if (!count) return count.error();
    return AddressHistory{*std::move(addresses), *count};
  };
  store_.read(work, std::move(then), control_);
}

// As change_ip does it, but no customer's call: none is throttled for it.
void Farm::rotate_by_schedule(std::int64_t proxy) {
  rotate({.proxy = proxy, .cause = JobCause::kSchedule},
         [proxy](std::int64_t, const Outcome<Rotated>& rotated) {
           const auto who = "proxy " + std::to_string(proxy) + ": ";
           if (!rotated) {
             return log::warning(who + "no scheduled rotation: " + rotated.error().text);
           }
           log::info(who + "rotated by its schedule: " + rotated->old_ip.value_or("unknown") +
                     " -> " + rotated->new_ip.value_or("unknown"));
         });
}

}  // namespace airlane
